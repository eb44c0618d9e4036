// A process is stopped as its supervisor stops it: it can say goodbye, and stays away until healed.
import { onHosts } from './on-host.ts';
import {
  awaitProcess,
  forgetPids,
  isUnit,
  pidsOf,
  PROCESS_PARAMETER,
  processNamed,
  rememberPids,
  restoreManifest,
  startUnit,
  withdrawManifest,
} from './processes.ts';
import { noneLeft, supervisorSays } from './struck-processes.ts';

/** kubelet looks at its manifests at once or every 20 s, and gives a pod 30 s to end. */
const GONE_WITHIN_S = 25;

export const stopProcess = onHosts({
  name: 'stop-process',
  summary: 'Stops a process the orderly way: it can say goodbye, and stays away until healed.',
  parameters: { process: PROCESS_PARAMETER },
  effect: ({ targets, params }) => ({
    processesDown: targets.map((host) => ({
      host,
      process: processNamed(params['process']),
      how: 'stopped',
    })),
  }),
  deeds: ({ targets, params, id }) => {
    const process = processNamed(params['process']);
    const stop = isUnit(process)
      ? `systemctl stop ${process}`
      : `${withdrawManifest(process, id)}
for second in $(seq ${GONE_WITHIN_S}); do { ${pidsOf(process)}; } > /dev/null || break; sleep 1; done`;
    const start = isUnit(process) ? startUnit(process) : restoreManifest(process, id);
    return targets.map((host) => ({
      host,
      ready: awaitProcess(process),
      deed: `${rememberPids(process, id)}\n${stop}`,
      undo: `${start}\n${forgetPids(id)}`,
    }));
  },
  evidence: async (call) => [...(await noneLeft(call)), ...(await supervisorSays(call))],
});
