// A host that runs short of memory: first the kernel takes back what it can, again and again, then it kills.
import type { FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { onHosts } from './on-host.ts';
import {
  cannotLimit,
  IN_CONTAINER,
  liftLimit,
  limitItself,
  MEMORY_LIMIT,
  ownGroup,
  removeGroup,
  REVIVE_UNITS,
  startHog,
  stopHog,
} from './resources.ts';

const GROUP = '/sys/fs/cgroup/memory';
const MIB = 1024 * 1024;
/** The hog has what it wants within this, or is killed within this. */
const FILLED_WITHIN_S = 20;
/** A witness asks for so long whether anybody was. */
const KILLED_WITHIN_S = 15;
/** Raising it needs no capability: who has it is killed before anybody else. */
const FIRST_VICTIM = 'OOMScoreAdjust=1000';

/** Shell: what is in use and cannot be taken back. */
const IN_USE = `$(( $(cat ${GROUP}/memory.usage_in_bytes) - $(awk '$1 == "total_inactive_file" { print $2 }' ${GROUP}/memory.stat) ))`;
/** Shell: a line for each group of which processes were killed, with their number. It goes with its group. */
const OOM_KILLS = `find ${GROUP} -name memory.oom_control -exec grep -H "^oom_kill " {} + 2> /dev/null | grep -v " 0$"`;

export const memoryPressure = onHosts({
  name: 'memory-pressure',
  summary: 'Leaves a host little memory, or none: then the kernel kills.',
  parameters: {
    kills: {
      summary: 'whom the kernel kills: nobody, the hog each time that it is back, or whom it likes',
      default: 'nobody',
      values: ['nobody', 'hog', 'anybody'],
    },
    leftMiB: {
      summary: 'what is left for all else, before the kernel kills',
      default: 48,
      min: 8,
      max: 4096,
    },
    hogMiB: { summary: 'what the hog holds, where nobody is killed', default: 256, min: 16, max: 65_536 },
  },
  effect: ({ targets, params }) => ({
    impaired: targets.map((host) => ({
      host,
      by:
        params['kills'] === 'nobody'
          ? `${String(params['leftMiB'])} MiB of memory are left`
          : 'its memory is used up, and the kernel kills',
    })),
  }),
  unavailable: async ({ lab, targets }) => {
    const reasons = await Promise.all(targets.map((target) => cannotLimit(lab.host(target), MEMORY_LIMIT)));
    return reasons.find((reason) => reason !== undefined);
  },
  deeds: ({ targets, params, id }) => {
    const left = Number(params['leftMiB']) * MIB;
    const held = Number(params['hogMiB']) * MIB;
    const kills = params['kills'] !== 'nobody';
    const limit = `$(( ${IN_USE} + ${kills ? left : left + held} ))`;
    // tail keeps all that comes until a line ends; in zeros none does.
    const hog = `echo $$ > ${ownGroup('memory', id)}/cgroup.procs
${kills ? 'while :; do tail /dev/zero; sleep 1; done' : `head -c ${held} /dev/zero | tail | sleep infinity`}`;
    return targets.map((host) => ({
      host,
      deed: `mkdir -p ${ownGroup('memory', id)}
{ ${OOM_KILLS}; } > ${killsBefore(id)} || true
${limitItself(MEMORY_LIMIT, limit, id)}
${startHog(id, hog, params['kills'] === 'hog' ? [FIRST_VICTIM] : [])}
for tenth in $(seq ${FILLED_WITHIN_S}0); do ${isFull(kills, held, id)} && break || sleep 0.1; done`,
      undo: `${liftLimit(MEMORY_LIMIT, id)}
${stopHog(id)}
${removeGroup('memory', id)}
rm -f ${killsBefore(id)}
${REVIVE_UNITS}`,
    }));
  },
  evidence: (call) =>
    Promise.all(
      call.targets.map((target) =>
        call.params['kills'] === 'nobody' ? littleIsLeft(call, target) : someWereKilled(call, target),
      ),
    ),
});

function killsBefore(id: string): string {
  return `/run/holdfast-${id}.oom-kills`;
}

/** Shell: the groups that lost somebody since. */
function killsSince(id: string): string {
  return `{ ${OOM_KILLS}; } | grep -vxFf ${killsBefore(id)}`;
}

/** Shell: whether the deed is done. */
function isFull(kills: boolean, held: number, id: string): string {
  if (kills) return `{ ${killsSince(id)} > /dev/null; }`;
  return `[ $(cat ${ownGroup('memory', id)}/memory.usage_in_bytes) -ge ${Math.round(0.95 * held)} ]`;
}

/** Who was killed first may have taken its group with it; but it is not the last. */
async function someWereKilled({ lab, id }: FaultCall, target: string): Promise<Evidence> {
  const script = `for fifth in $(seq ${5 * KILLED_WITHIN_S}); do ${killsSince(id)} && break || sleep 0.2; done`;
  const { stdout } = await lab.host(target).run(['sh', '-c', script], { timeoutMs: 40_000 });
  const groups = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(`${GROUP}/`, '').replace('/memory.oom_control:', ': '));
  return {
    witness: `kernel of ${target}`,
    holds: groups.length > 0,
    detail: groups.length > 0 ? `killed for want of memory in ${groups.join(', ')}` : 'killed nobody',
  };
}

/** Twice what was to be left is still little: things end meanwhile, and give back what they had. */
async function littleIsLeft({ lab, params }: FaultCall, target: string): Promise<Evidence> {
  const script = `${IN_CONTAINER}; cat ${GROUP}/memory.limit_in_bytes; echo ${IN_USE}`;
  const { stdout } = await lab.host(target).run(['sh', '-c', script], { timeoutMs: 20_000 });
  const [limit = NaN, used = NaN] = stdout.trim().split('\n').map(Number);
  const leftMiB = (limit - used) / MIB;
  return {
    witness: `kernel of ${target}`,
    holds: leftMiB <= 2 * Number(params['leftMiB']),
    detail: `${Math.round(leftMiB)} of ${Math.round(limit / MIB)} MiB are left`,
  };
}
