// A power cut: every process of the host is gone at once, without a goodbye. Undone by switching it on again.
import type { Fault } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import type { Evidence } from '../core/record.ts';

export const powerOff: Fault = {
  name: 'power-off',
  summary: 'Cuts the power of a host; healing switches it on again and waits for its init system.',

  effect: ({ targets }) => ({ hostsDown: targets }),

  async inject({ lab, targets }) {
    const fromNs = process.hrtime.bigint();
    await Promise.all(targets.map((target) => lab.power(target).off()));
    return { fromNs, toNs: process.hrtime.bigint() };
  },

  async evidence({ lab, targets }) {
    return (await Promise.all(targets.map((target) => witnesses(lab, target)))).flat();
  },

  async heal({ lab, targets }) {
    await Promise.all(targets.map((target) => lab.power(target).on()));
  },
};

async function witnesses(lab: Lab, target: string): Promise<readonly Evidence[]> {
  const [state, reachable] = await Promise.all([
    lab.power(target).state(),
    answersPing(lab.observer, lab.host(target).address),
  ]);
  return [
    { witness: 'power switch', holds: state === 'off', detail: `${target} is ${state}` },
    {
      witness: 'ping from the observer',
      holds: !reachable,
      detail: `${target} ${reachable ? 'answers' : 'does not answer'}`,
    },
  ];
}

async function answersPing(observer: Host, address: string): Promise<boolean> {
  const { exitCode } = await observer.run(['ping', '-c', '1', '-W', '1', address], {
    acceptExitCodes: [0, 1],
    timeoutMs: 5_000,
  });
  return exitCode === 0;
}
