// A host goes down and comes up again by itself. It is undone when it has booted.
import type { Fault, FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { asError } from '../core/errors.ts';
import { waitFor } from '../core/wait.ts';
import { healOutOfBand, strikeOutOfBand, toldOutside, whetherPowerCan } from './out-of-band.ts';

const ORDERLY = 'orderly';
/** At least; a machine that tests its memory first has as long as the fault may last. */
const BOOTED_TIMEOUT_MS = 30_000;

export const reboot: Fault = {
  name: 'reboot',
  summary: 'Reboots a host; it is back by itself, and healing waits for its init system.',
  parameters: {
    how: {
      summary: 'what runs is asked to end first, or the power goes for a moment',
      default: ORDERLY,
      values: [ORDERLY, 'reset'],
    },
  },

  effect: ({ targets, params }) => ({
    hostsDown: targets,
    hostsComeBack: targets,
    // In an orderly one init stops it: the VIP goes at a goodbye, not when adverts are missed.
    ...(params['how'] === ORDERLY && {
      processesDown: targets.map((host) => ({
        host,
        process: 'keepalived' as const,
        how: 'stopped' as const,
        comesBack: true as const,
      })),
    }),
  }),

  unavailable: whetherPowerCan('reboot'),

  outside: (plan) =>
    toldOutside(plan, ({ off }) => ({
      deed: plan.params['how'] === ORDERLY ? 'it is told to reboot' : `its power goes for a moment: ${off}`,
      undo: 'it boots by itself; healing waits for its init system',
    })),

  async inject(call) {
    await Promise.all(call.targets.map((target) => leaveTrace(call, target)));
    const deed = await strikeOutOfBand(call, (power) =>
      call.params['how'] === ORDERLY ? power.shutDown() : power.off(),
    );
    // Not waited for: the scenario goes on while they boot. Whoever heals asks for the same, and is told what went wrong.
    for (const target of call.targets) {
      call.lab
        .power(target)
        .on()
        .catch(() => undefined);
    }
    return deed;
  },

  evidence: (call) => Promise.all(call.targets.map((target) => hasBootedAnew(call, target))),

  async heal(call) {
    await healOutOfBand(call, (power) => power.on());
    // Left where the harness ended before the deed.
    await Promise.all(
      call.targets.map((target) =>
        call.lab.host(target).run(['rm', '-f', traceOf(call)], { timeoutMs: 10_000 }),
      ),
    );
  },
};

/** In memory: the next boot does not find it. */
async function leaveTrace(call: FaultCall, target: string): Promise<void> {
  await call.lab.host(target).upload(traceOf(call), 'of the boot before\n');
}

function traceOf({ id }: FaultCall): string {
  return `/run/holdfast-${id}.boot`;
}

/** /run is empty of what was in it, and process 1 is young. */
async function hasBootedAnew(call: FaultCall, target: string): Promise<Evidence> {
  const witness = `init of ${target}`;
  const script = `[ -e ${traceOf(call)} ] && echo old || echo new; ps -o etimes= -p 1`;
  try {
    const limit = { timeoutMs: Math.max(BOOTED_TIMEOUT_MS, call.limitMs), intervalMs: 100 };
    return await waitFor(`${target} booting`, limit, async () => {
      const { stdout } = await call.lab.host(target).run(['sh', '-c', script], { timeoutMs: 10_000 });
      const [boot = '', ageS = ''] = stdout.split('\n').map((line) => line.trim());
      const detail = `${boot === 'new' ? 'a new boot' : 'still the boot before'}, process 1 runs for ${ageS} s`;
      return { done: { witness, holds: boot === 'new', detail } };
    });
  } catch (thrown) {
    return { witness, holds: false, detail: asError(thrown).message };
  }
}
