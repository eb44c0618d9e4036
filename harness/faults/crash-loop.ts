// A process is killed again and again: whoever starts it again waits longer each time.
import { unitOf } from '../core/facts.ts';
import type { Evidence } from '../core/record.ts';
import { onHosts } from './on-host.ts';
import {
  awaitProcess,
  forgetPids,
  isUnit,
  pidsOf,
  PROCESS_PARAMETER,
  processesTaken,
  processMissing,
  processNamed,
  rememberPids,
  startUnit,
} from './processes.ts';
import { kernelSays } from './struck-processes.ts';

export const crashLoop = onHosts({
  name: 'crash-loop',
  summary: 'Kills a process with SIGKILL every few seconds.',
  parameters: {
    process: PROCESS_PARAMETER,
    everyS: { summary: 'seconds between two kills', default: 5, min: 1, max: 60 },
  },
  effect: (plan) => processesTaken(plan, { how: 'killed', comesBack: true }),
  unavailable: processMissing,
  deeds: ({ targets, params, id, topology }) => {
    const process = processNamed(params['process']);
    const kill = `kill -KILL $({ ${pidsOf(process, topology)}; }) 2> /dev/null || true`;
    return targets.map((host) => ({
      host,
      ready: awaitProcess(process, topology),
      deed: `${rememberPids(process, id, topology)}
systemd-run --quiet --unit=${loopUnit(id)} sh -c '${`while :; do ${kill}; sleep ${String(params['everyS'])}; done`.replaceAll("'", `'\\''`)}'
sleep 0.2`,
      undo: `systemctl stop ${loopUnit(id)} 2> /dev/null || true
${isUnit(process, topology) ? startUnit(unitOf(process, topology)) : ''}
${forgetPids(id)}`,
    }));
  },
  evidence: async (call) => [
    ...(await kernelSays(call, { inWords: 'killed', holds: (state) => state === 'gone' || state === 'Z' })),
    ...(await Promise.all(
      call.targets.map(async (target): Promise<Evidence> => {
        const argv = ['systemctl', 'is-active', loopUnit(call.id)];
        const { stdout } = await call.lab
          .host(target)
          .run(argv, { acceptExitCodes: [0, 3], timeoutMs: 10_000 });
        return {
          witness: `systemd on ${target}`,
          holds: stdout.trim() === 'active',
          detail: `the loop is ${stdout.trim()}`,
        };
      }),
    )),
  ],
});

function loopUnit(id: string): string {
  return `holdfast-loop-${id}`;
}
