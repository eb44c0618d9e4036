// A power cut: every process of the host is gone at once, without a goodbye. Undone by switching it on again.
import type { Fault, FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import {
  answersPing,
  healOutOfBand,
  powerSwitchSays,
  strikeOutOfBand,
  toldOutside,
  whetherPowerCan,
} from './out-of-band.ts';

export const powerOff: Fault = {
  name: 'power-off',
  summary: 'Cuts the power of a host; healing switches it on again and waits for its init system.',

  effect: ({ targets }) => ({ hostsDown: targets }),

  unavailable: whetherPowerCan('off'),

  outside: (plan) =>
    toldOutside(plan, ({ off, on }) => ({
      deed: `its power is cut: ${off}`,
      undo: `it is switched on again: ${on}; at the limit by a watchdog that outlives holdfast`,
    })),

  inject: (call) => strikeOutOfBand(call, (power) => power.off()),

  async evidence(call) {
    return (await Promise.all(call.targets.map((target) => witnesses(call, target)))).flat();
  },

  heal: (call) => healOutOfBand(call, (power) => power.on()),
};

async function witnesses(call: FaultCall, target: string): Promise<readonly Evidence[]> {
  const [powerSwitch, reachable] = await Promise.all([
    powerSwitchSays(call, target, 'off'),
    answersPing(call.lab.observer, call.lab.host(target).address),
  ]);
  return [
    powerSwitch,
    {
      witness: 'ping from the observer',
      holds: !reachable,
      detail: `${target} ${reachable ? 'answers' : 'does not answer'}`,
    },
  ];
}
