// A host whose cores are taken by something else.
import type { FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { onHosts } from './on-host.ts';
import {
  cannotLimit,
  CPU_QUOTA,
  hogPids,
  IN_CONTAINER,
  liftLimit,
  limitItself,
  REVIVE_UNITS,
  startHog,
  stopHog,
} from './resources.ts';

const PERIOD_US = 100_000;
const MEASURED_S = 2;
/** Of what the hogs could have had at most: the rest is what they share with everything else. */
const LEAST_SHARE = 0.2;

export const cpuHog = onHosts({
  name: 'cpu-hog',
  summary: 'Takes the cores of a host with busy loops; a host that is a container has few cores meanwhile.',
  parameters: {
    loops: { summary: 'busy loops, each with the weight of a process', default: 8, min: 1, max: 256 },
    cores: {
      summary: 'cores that a container may use meanwhile, loops included',
      default: 0.5,
      min: 0.05,
      max: 256,
    },
  },
  effect: ({ targets, params }) => ({
    impaired: targets.map((host) => ({
      host,
      by: `${String(params['loops'])} busy loops compete with all that runs there`,
    })),
  }),
  unavailable: async ({ lab, targets }) => {
    const reasons = await Promise.all(
      targets.map(async (target) => {
        const host = lab.host(target);
        const { exitCode } = await host.run(['sh', '-c', IN_CONTAINER], { acceptExitCodes: [0, 1] });
        return exitCode === 0 ? cannotLimit(host, CPU_QUOTA) : undefined;
      }),
    );
    return reasons.find((reason) => reason !== undefined);
  },
  deeds: ({ targets, params, id }) => {
    const quotaUs = Math.round(Number(params['cores']) * PERIOD_US);
    const loops = `for loop in $(seq ${String(params['loops'])}); do while :; do :; done & done; wait`;
    return targets.map((host) => ({
      host,
      deed: `if ${IN_CONTAINER}; then
  echo ${PERIOD_US} > /sys/fs/cgroup/cpu/cpu.cfs_period_us
  ${limitItself(CPU_QUOTA, String(quotaUs), id).replaceAll('\n', '\n  ')}
fi
${startHog(id, loops)}`,
      undo: `${liftLimit(CPU_QUOTA, id)}\n${stopHog(id)}\n${REVIVE_UNITS}`,
    }));
  },
  evidence: (call) => Promise.all(call.targets.map((target) => loopsRun(call, target))),
});

/** How much the loops ran, by the kernel's account of each. */
async function loopsRun({ lab, id, params }: FaultCall, target: string): Promise<Evidence> {
  // proc(5), stat: fields 14 and 15, in ticks.
  const ticks = `for pid in $({ ${hogPids(id)}; }); do cat /proc/$pid/stat 2> /dev/null || true; done | awk '{ sum += $14 + $15 } END { print sum + 0 }'`;
  const script = `${ticks}; date +%s.%N; sleep ${MEASURED_S}; ${ticks}; date +%s.%N
getconf CLK_TCK; nproc; ${IN_CONTAINER} && echo limited || echo whole`;
  const { stdout } = await lab.host(target).run(['sh', '-c', script], { timeoutMs: 30_000 });
  const [before = NaN, fromS = NaN, after = NaN, toS = NaN, perSecond = NaN, cores = NaN] = stdout
    .split('\n')
    .map(Number);
  const used = (after - before) / perSecond / (toS - fromS);
  const loops = Number(params['loops']);
  const atMost = Math.min(
    loops,
    stdout.includes('limited') ? Math.min(cores, Number(params['cores'])) : cores,
  );
  return {
    witness: `kernel of ${target}`,
    holds: used >= LEAST_SHARE * atMost,
    detail: `the loops use ${used.toFixed(2)} of ${atMost} cores`,
  };
}
