// The wall clock of a host jumps. Undone by what it would show had it run on: the time since boot does not jump with it.
import type { FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { onHosts } from './on-host.ts';
import { IN_CONTAINER } from './resources.ts';

/** What the clocks of two hosts may differ by, and what it takes to ask both. */
const TOLERANCE_S = 2;
/** Shell: seconds of the wall clock at boot. */
const WALL_AT_BOOT = 'awk -v now=$(date +%s.%N) \'{ printf "%.3f", now - $1 }\' /proc/uptime';

const kept = (id: string): string => `/run/holdfast-${id}.clock`;

export const clockStep = onHosts({
  name: 'clock-step',
  summary: 'Sets the wall clock of a host forward or back.',
  parameters: {
    seconds: { summary: 'by how many seconds; negative: back', default: 60, min: -86_400, max: 86_400 },
  },
  effect: ({ targets, params }) => ({
    impaired: targets.map((host) => ({ host, by: `its clock is off by ${String(params['seconds'])} s` })),
  }),
  unavailable: async ({ lab, targets }) => {
    const inContainer = await Promise.all(
      targets.map(async (target) => {
        const { exitCode } = await lab.host(target).run(['sh', '-c', IN_CONTAINER], {
          acceptExitCodes: [0, 1],
          timeoutMs: 10_000,
        });
        return exitCode === 0 ? [target] : [];
      }),
    );
    const [first] = inContainer.flat();
    return first === undefined
      ? undefined
      : `${first} is a container: its wall clock is the machine's, and every other host's`;
  },
  deeds: ({ targets, params, id }) =>
    targets.map((host) => ({
      host,
      // Asked once more where it counts: a wrong clock is the machine's, its logs' and its certificates' too.
      deed: `if ${IN_CONTAINER}; then echo "the clock is not this host's alone" >&2; exit 1; fi
${WALL_AT_BOOT} > ${kept(id)}
date -s "@$(awk -v now=$(date +%s.%N) 'BEGIN { printf "%.3f", now + ${String(params['seconds'])} }')"`,
      // After a boot the hardware's clock has set it.
      undo: `if [ -s ${kept(id)} ]; then
  date -s "@$(awk -v boot=$(cat ${kept(id)}) '{ printf "%.3f", boot + $1 }' /proc/uptime)"
fi
rm -f ${kept(id)}`,
    })),
  evidence: (call) => Promise.all(call.targets.map((target) => differsFromObserver(call, target))),
});

async function differsFromObserver({ lab, params }: FaultCall, target: string): Promise<Evidence> {
  const [here, there] = await Promise.all(
    [lab.host(target), lab.observer].map((host) => host.run(['date', '+%s.%N'], { timeoutMs: 10_000 })),
  );
  const offS = Number(here?.stdout) - Number(there?.stdout);
  return {
    witness: "the observer's clock",
    holds: Math.abs(offS - Number(params['seconds'])) <= TOLERANCE_S,
    detail: `${target} is ${offS.toFixed(1)} s ahead of it`,
  };
}
