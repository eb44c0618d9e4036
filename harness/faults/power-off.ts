// A power cut: every process of the host is gone at once, without a goodbye. Undone by switching it on again.
import type { Fault } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';

export const powerOff: Fault = {
  name: 'power-off',
  summary: 'Cuts the power of a host; healing switches it on again and waits for its init system.',

  effect: (target) => ({ hostsDown: [target] }),
  async inject(lab, target) {
    const fromNs = process.hrtime.bigint();
    await lab.power(target).off();
    return { fromNs, toNs: process.hrtime.bigint() };
  },

  async evidence(lab, target) {
    const [state, reachable] = await Promise.all([
      lab.power(target).state(),
      answersPing(lab.observer, lab.host(target).address),
    ]);
    const evidence: Evidence[] = [
      { witness: 'power switch', holds: state === 'off', detail: `${target} is ${state}` },
      {
        witness: 'ping from the observer',
        holds: !reachable,
        detail: `${target} ${reachable ? 'answers' : 'does not answer'}`,
      },
    ];
    return evidence;
  },

  async heal(lab, target) {
    await lab.power(target).on();
  },
};

async function answersPing(observer: Host, address: string): Promise<boolean> {
  const { exitCode } = await observer.run(['ping', '-c', '1', '-W', '1', address], {
    acceptExitCodes: [0, 1],
    timeoutMs: 5_000,
  });
  return exitCode === 0;
}
