// Packets are lost by chance, as on a bad cable. What is lost is lost before anybody on the host has it, or after it was sent.
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';
import { DIRECTION_PARAMETER, waysOf } from './network-cuts.ts';
import { addressOf, ownTargets } from './network-hosts.ts';
import { clearDrops, findDevice, layDrops, type Drop } from './network-rules.ts';
import { refusalOf, rulesSay } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';
import { FIND_OWN_CONNECTION } from './own-connection.ts';

export const packetLoss = onHosts({
  name: 'packet-loss',
  summary: 'Loses packets of a host by chance.',
  parameters: {
    percent: { summary: 'how many of a hundred packets are lost, each way', default: 20, min: 1, max: 99 },
    direction: { ...DIRECTION_PARAMETER, summary: 'of what the host sends, of what it is sent, or of both' },
  },
  effect: (plan) => ({
    impaired: ownTargets(plan).map((host) => ({ host, by: `${percentOf(plan)} % of its packets are lost` })),
  }),
  unavailable: (call) =>
    refusalOf(call, ownTargets(call), `iptables -t mangle -A OUTPUT ${byChance(percentOf(call))} -j DROP`),
  deeds: (plan) => {
    const drops = waysOf(plan).map((way): Drop => ({
      way,
      match: `${way === 'in' ? '-i' : '-o'} $device ${byChance(percentOf(plan))}`,
    }));
    return ownTargets(plan).map((host) => ({
      host,
      deed: `${findDevice(addressOf(plan.topology, host))}\n${FIND_OWN_CONNECTION}\n${layDrops(plan.id, drops)}`,
      undo: clearDrops(plan.id),
    }));
  },
  evidence: async (call) => {
    const { observer } = call.lab;
    // Both ask: what the host sends by itself may be nothing but what is let through.
    const pings = await Promise.all(
      call.targets
        .map((name) => call.lab.host(name))
        .flatMap((host) => [someMissed(call, observer, host), someMissed(call, host, observer)]),
    );
    return [...(await Promise.all(call.targets.map((host) => rulesSay(call, host, waysOf(call))))), ...pings];
  },
});

function percentOf({ params }: FaultPlan): number {
  return Number(params['percent']);
}

/** iptables-extensions(8), statistic. */
function byChance(percent: number): string {
  return `-m statistic --mode random --probability ${(percent / 100).toFixed(4)}`;
}

/**
 * As many pings as lose none by chance once in e¹⁰ times. They follow each other as fast as they are answered, and every
 * 10 ms when they are not (ping(8), -f).
 */
async function someMissed(call: FaultCall, from: Host, to: Host): Promise<Evidence> {
  const count = Math.ceil(1000 / percentOf(call));
  const argv = ['ping', '-f', '-n', '-q', '-c', String(count), '-W', '1', to.address];
  const { stdout } = await from.run(argv, { acceptExitCodes: [0, 1], timeoutMs: 20_000 });
  const received = Number(/(\d+) received/.exec(stdout)?.[1] ?? NaN);
  return {
    witness: `${count} pings from ${from.name}`,
    holds: received < count,
    detail: `${to.name} answered ${received}`,
  };
}
