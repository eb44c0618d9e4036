// Witnesses of what became of the processes that a fault struck.
import { unitOf } from '../core/facts.ts';
import type { FaultCall } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';
import { letTimePass } from '../core/wait.ts';
import { hasManifest, isUnit, pidsOf, processNamed, struckStates } from './processes.ts';

/** A signal takes effect when the process next runs; one that is killed still has to give back its memory. */
const DONE_WITHIN_TENTHS = 30;

interface Struck {
  readonly pid: string;
  /** As in proc(5), stat field 3; "gone" when there is no such process any more. */
  readonly state: string;
}

/** The kernel of each target says what became of those that were struck. */
export async function kernelSays(
  { lab, id, targets }: FaultCall,
  wanted: { readonly inWords: string; readonly holds: (state: string) => boolean },
): Promise<readonly Evidence[]> {
  return Promise.all(
    targets.map(async (target) => {
      const host = lab.host(target);
      let evidence = await ask(host);
      for (let tenth = 0; tenth < DONE_WITHIN_TENTHS && !evidence.holds; tenth += 1) {
        await letTimePass(100);
        evidence = await ask(host);
      }
      return evidence;
    }),
  );

  async function ask(host: Host): Promise<Evidence> {
    const { stdout } = await host.run(['sh', '-c', struckStates(id)], { timeoutMs: 10_000 });
    const struck = stdout.trim().split('\n').map(readStruck);
    const told = struck.map(({ pid, state }) => `${pid} is ${state}`).join(', ');
    return {
      witness: `kernel of ${host.name}`,
      // A helper that ended by itself is gone; one at least must be as it was meant.
      holds:
        struck.some(({ state }) => wanted.holds(state)) &&
        struck.every(({ state }) => wanted.holds(state) || state === 'gone'),
      detail: `${wanted.inWords}: ${told}`,
    };
  }
}

function readStruck(line: string): Struck {
  const [pid = '', state = ''] = line.split(' ');
  return { pid, state };
}

/** Whoever supervises the process says that it does not run. */
export async function supervisorSays({
  lab,
  targets,
  params,
  topology,
}: FaultCall): Promise<readonly Evidence[]> {
  const process = processNamed(params['process']);
  const ask = isUnit(process, topology)
    ? `systemctl show -p ActiveState --value ${unitOf(process, topology)}`
    : `${hasManifest(process, topology)} && echo wanted || echo withdrawn`;
  return Promise.all(
    targets.map(async (target) => {
      const { stdout } = await lab.host(target).run(['sh', '-c', ask], { timeoutMs: 10_000 });
      const said = stdout.trim();
      return {
        witness: `supervisor on ${target}`,
        holds: ['inactive', 'failed', 'withdrawn'].includes(said),
        detail: `${process} is ${said}`,
      };
    }),
  );
}

/** No process of that name is left on any target. */
export async function noneLeft({ lab, targets, params, topology }: FaultCall): Promise<readonly Evidence[]> {
  const process = processNamed(params['process']);
  const ask = `for tenth in $(seq ${DONE_WITHIN_TENTHS}); do
  left=$({ ${pidsOf(process, topology)}; })
  [ -n "$left" ] || break
  sleep 0.1
done
echo "$left"`;
  return Promise.all(
    targets.map(async (target) => {
      const { stdout } = await lab.host(target).run(['sh', '-c', ask], { timeoutMs: 10_000 });
      const pids = stdout.trim().split('\n').filter(Boolean);
      return {
        witness: `process table of ${target}`,
        holds: pids.length === 0,
        detail: pids.length === 0 ? `no ${process} runs` : `${process} runs as ${pids.join(', ')}`,
      };
    }),
  );
}
