// What a host sends arrives late (tc-netem(8)). Not every kernel can.
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { addressOf, ownTargets } from './network-hosts.ts';
import { clearQueue, layQueue, queueRehearsal } from './network-queues.ts';
import { findDevice } from './network-rules.ts';
import { refusalOf } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';
import { FIND_OWN_CONNECTION } from './own-connection.ts';

const PINGS = 5;

export const delay = onHosts({
  name: 'delay',
  summary: 'Delays what a host sends.',
  parameters: {
    delayMs: { summary: 'milliseconds', default: 100, min: 1, max: 2000 },
    jitterMs: { summary: 'milliseconds more or less, by chance', default: 0, min: 0, max: 2000 },
  },
  effect: (plan) => ({
    impaired: ownTargets(plan).map((host) => ({ host, by: `what it sends is ${inWords(plan)} late` })),
  }),
  unavailable: async (call) => {
    const refusal = await refusalOf(call, ownTargets(call), queueRehearsal(netemOf(call)));
    return refusal === undefined ? undefined : `netem, which delays packets, cannot be had (${refusal})`;
  },
  deeds: (plan) =>
    ownTargets(plan).map((host) => ({
      host,
      deed: `${findDevice(addressOf(plan.topology, host))}\n${FIND_OWN_CONNECTION}\n${layQueue(plan.id, netemOf(plan))}`,
      undo: clearQueue(plan.id),
    })),
  evidence: (call) => Promise.all(call.targets.map((host) => observerWaits(call, host))),
});

function numbersOf({ params }: FaultPlan): { readonly delayMs: number; readonly jitterMs: number } {
  return { delayMs: Number(params['delayMs']), jitterMs: Number(params['jitterMs']) };
}

function inWords(plan: FaultPlan): string {
  const { delayMs, jitterMs } = numbersOf(plan);
  return jitterMs === 0 ? `${delayMs} ms` : `${delayMs} ± ${jitterMs} ms`;
}

function netemOf(plan: FaultPlan): string {
  const { delayMs, jitterMs } = numbersOf(plan);
  return `netem delay ${delayMs}ms${jitterMs === 0 ? '' : ` ${jitterMs}ms`}`;
}

/** Nothing makes an answer come sooner than the queue lets it go. */
async function observerWaits(call: FaultCall, host: string): Promise<Evidence> {
  const { delayMs, jitterMs } = numbersOf(call);
  const argv = [
    'ping',
    '-n',
    '-q',
    '-c',
    String(PINGS),
    '-i',
    '0.1',
    '-W',
    '3',
    addressOf(call.topology, host),
  ];
  const { stdout } = await call.lab.observer.run(argv, { acceptExitCodes: [0, 1], timeoutMs: 15_000 });
  const [leastMs = NaN, meanMs = NaN] = (/= ([\d.]+)\/([\d.]+)\//.exec(stdout) ?? []).slice(1).map(Number);
  return {
    witness: `${PINGS} pings from ${call.lab.observer.name}`,
    holds: leastMs >= Math.max(0, delayMs - jitterMs) && meanMs >= delayMs / 2,
    detail: `answered by ${host} in ${leastMs} ms at least, ${meanMs} ms on average`,
  };
}
