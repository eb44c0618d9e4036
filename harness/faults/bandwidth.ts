// What a host sends goes through a narrow pipe: a token bucket at its interface (tc-tbf(8)).
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { addressOf, ownTargets } from './network-hosts.ts';
import { clearQueue, layQueue, queueRehearsal, showQueue } from './network-queues.ts';
import { findDevice } from './network-rules.ts';
import { refusalOf } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';
import { FIND_OWN_CONNECTION } from './own-connection.ts';

/** What may be sent at once. Less than this a bucket of some 100 Mbit/s could not keep its rate. */
const BURST_BYTES = 16_384;
/** What waits longer is dropped. */
const LONGEST_WAIT_MS = 1000;
/** The largest that one packet may be, with its headers; it is sent in fragments. */
const LARGEST_PING_BYTES = 65_507;
const MEASURED_MS = 300;

export const bandwidth = onHosts({
  name: 'bandwidth',
  summary: 'Limits how fast a host can send.',
  parameters: {
    rateKbit: { summary: 'kilobits in a second', default: 1000, min: 50, max: 100_000 },
  },
  effect: (plan) => ({
    impaired: ownTargets(plan).map((host) => ({ host, by: `it sends no more than ${rateOf(plan)} kbit/s` })),
  }),
  unavailable: (call) => refusalOf(call, ownTargets(call), queueRehearsal(bucketOf(call))),
  deeds: (plan) =>
    ownTargets(plan).map((host) => ({
      host,
      deed: `${findDevice(addressOf(plan.topology, host))}\n${FIND_OWN_CONNECTION}\n${layQueue(plan.id, bucketOf(plan))}`,
      undo: clearQueue(plan.id),
    })),
  evidence: async (call) => {
    const measured = await Promise.all(call.targets.map((host) => observerWaits(call, host)));
    return [...(await Promise.all(call.targets.map((host) => queueSays(call, host)))), ...measured];
  },
});

function rateOf({ params }: FaultPlan): number {
  return Number(params['rateKbit']);
}

function bucketOf(plan: FaultPlan): string {
  return `tbf rate ${rateOf(plan)}kbit burst ${BURST_BYTES} latency ${LONGEST_WAIT_MS}ms`;
}

async function queueSays(call: FaultCall, host: string): Promise<Evidence> {
  const script = `${findDevice(addressOf(call.topology, host))}\n${showQueue(call.id)}`;
  const { stdout } = await call.lab.host(host).run(['sh', '-c', script], { timeoutMs: 10_000 });
  const sent = Number(/Sent \d+ bytes (\d+) pkt/.exec(stdout)?.[1] ?? 0);
  return {
    witness: `queue on ${host}`,
    holds: sent > 0,
    detail: sent > 0 ? `${sent} packets went through the bucket` : 'nothing went through the bucket',
  };
}

/**
 * One large ping: its answer must wait until the bucket has the tokens for it, whatever the burst allows. With other
 * traffic in the queue it comes later, or has no room there and never comes; it does not come sooner.
 */
async function observerWaits(call: FaultCall, host: string): Promise<Evidence> {
  const rate = rateOf(call);
  const bytes = Math.min(LARGEST_PING_BYTES, Math.round(BURST_BYTES + (rate * MEASURED_MS) / 8));
  const leastMs = ((bytes - BURST_BYTES) * 8) / rate;
  const argv = [
    'ping',
    '-n',
    '-q',
    '-c',
    '1',
    '-W',
    '2',
    '-s',
    String(bytes),
    addressOf(call.topology, host),
  ];
  const { stdout } = await call.lab.observer.run(argv, { acceptExitCodes: [0, 1], timeoutMs: 10_000 });
  const tookMs = Number(/= ([\d.]+)\//.exec(stdout)?.[1] ?? NaN);
  return {
    witness: `ping from ${call.lab.observer.name}`,
    holds: Number.isNaN(tookMs) || tookMs >= leastMs * 0.9,
    detail: Number.isNaN(tookMs)
      ? `${bytes} bytes did not come within 2000 ms`
      : `${bytes} bytes took ${tookMs} ms; at ${rate} kbit/s they take ${Math.round(leastMs)} ms or more`,
  };
}
