// A process is there and does nothing: a grey failure. Its connections stay open, its supervisor sees it run.
import { onHosts } from './on-host.ts';
import {
  awaitProcess,
  forgetPids,
  pidsOf,
  PROCESS_PARAMETER,
  processesTaken,
  processMissing,
  processNamed,
  rememberPids,
  signalRemembered,
} from './processes.ts';
import { kernelSays } from './struck-processes.ts';

export const pauseProcess = onHosts({
  name: 'pause-process',
  summary: 'Stops a process with SIGSTOP: it is there, holds its connections, and does nothing.',
  parameters: { process: PROCESS_PARAMETER },
  effect: (plan) => processesTaken(plan, { how: 'paused' }),
  unavailable: processMissing,
  deeds: ({ targets, params, id, topology }) => {
    const process = processNamed(params['process']);
    return targets.map((host) => ({
      host,
      ready: awaitProcess(process, topology),
      deed: `${rememberPids(process, id, topology)}\n${signalRemembered('STOP', id)}`,
      // Whoever was killed and started again meanwhile is not stopped: to go on does no harm.
      undo: `kill -CONT $({ ${pidsOf(process, topology)}; } || true) 2> /dev/null || true\n${forgetPids(id)}`,
    }));
  },
  evidence: (call) => kernelSays(call, { inWords: 'stopped', holds: (state) => state === 'T' }),
});
