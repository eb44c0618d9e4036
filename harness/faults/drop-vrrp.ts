// Only VRRP is lost: all else goes on, and masters that do not hear each other each take the VIP.
import { whyWithout } from '../core/facts.ts';
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { cutsBetween, DIRECTION_PARAMETER, waysOf } from './network-cuts.ts';
import { addressOf, machinesOf, ownTargets } from './network-hosts.ts';
import { clearDrops, findDevice, layDrops, type Drop } from './network-rules.ts';
import { refusalOf, rulesSay } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';

/** RFC 3768, section 5.2.4. */
const VRRP_PROTOCOL = 112;
const TIMEOUT_MS = 10_000;
/** Longer than an advert takes to come round, as keepalived sends it in practice. */
const LISTEN_EXTRA_MS = 400;
const LISTEN_MOST_MS = 2_600;

export const dropVrrp = onHosts({
  name: 'drop-vrrp',
  summary: 'Drops VRRP adverts and nothing else.',
  parameters: {
    direction: { ...DIRECTION_PARAMETER, summary: 'adverts that the host sends, that it is sent, or both' },
  },
  effect: (plan) => ({
    cuts: ownTargets(plan)
      .flatMap((host) => cutsBetween([host], machinesOf(plan.topology), plan.params['direction']))
      .map((cut) => ({ ...cut, traffic: 'vrrp' })),
  }),
  unavailable: async (call) =>
    whyWithout(call.topology, ['vrrp']) ??
    (await witnessMissing(call)) ??
    refusalOf(call, ownTargets(call), `iptables -t mangle -A OUTPUT -p ${VRRP_PROTOCOL} -j DROP`),
  deeds: (plan) => {
    const drops = waysOf(plan).map((way): Drop => ({
      way,
      match: `${way === 'in' ? '-i' : '-o'} $device -p ${VRRP_PROTOCOL}`,
    }));
    return ownTargets(plan).map((host) => ({
      host,
      deed: `${findDevice(addressOf(plan.topology, host))}\n${layDrops(plan.id, drops)}`,
      undo: clearDrops(plan.id),
    }));
  },
  evidence: async (call) => {
    const ways = waysOf(call);
    const seen = await Promise.all(
      call.targets.flatMap((host) => [
        ...(ways.includes('out') ? [observerHears(call, host)] : []),
        ...(ways.includes('in') ? [hostHears(call, host)] : []),
      ]),
    );
    return [...(await Promise.all(call.targets.map((host) => rulesSay(call, host, ways)))), ...seen];
  },
});

/** Who did not install a host does not know whether it has what the evidence is gathered with. */
async function witnessMissing(call: FaultCall): Promise<string | undefined> {
  const { topology, lab } = call;
  if (!topology.found) return undefined;
  const script = `for program in tcpdump socat ping timeout; do command -v $program > /dev/null || echo "has no $program"; done
[ "$(id -u)" = 0 ] || echo "captures nothing: it is not asked as root"`;
  const missing = await Promise.all(
    [topology.observer.name, ...ownTargets(call)].map(async (host) => {
      const { stdout } = await lab.host(host).run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
      return stdout === '' ? [] : [`${host} ${stdout.trim().replaceAll('\n', ', ')}`];
    }),
  );
  return missing.flat().length === 0 ? undefined : missing.flat().join('; ');
}

/**
 * What the host sends, captured by the observer: its pings, so that the capture is known to work, and no VRRP. A standby
 * sends no adverts of its own; it is made to send a packet of the protocol to the observer, who has no use for it.
 */
async function observerHears(call: FaultCall, host: string): Promise<Evidence> {
  const { observer } = call.topology;
  const own = addressOf(call.topology, host);
  const [{ adverts, pings }] = await Promise.all([
    captured(call, observer.name, `src host ${own} and (icmp or ip proto ${VRRP_PROTOCOL})`),
    run(
      call,
      host,
      `sleep 0.4\nping -n -q -c 2 -i 0.2 -W 1 ${observer.address}\n${sendVrrp(observer.address)}`,
    ),
  ]);
  return {
    witness: `capture on ${observer.name}`,
    holds: adverts === 0 && pings > 0,
    detail: `${host} sent ${adverts} packets of VRRP and ${pings} of ICMP`,
  };
}

/** What arrives at the host as packets, and what a process there hears of it; it does hear what comes from the host itself. */
async function hostHears(call: FaultCall, host: string): Promise<Evidence> {
  const own = addressOf(call.topology, host);
  const [{ adverts }, ear] = await Promise.all([
    captured(call, host, `ip proto ${VRRP_PROTOCOL} and not src host ${own}`),
    run(call, host, listenToVrrp(listeningS(call))),
    run(call, call.topology.observer.name, `sleep 0.4\n${sendVrrp(own)}`),
  ]);
  const [ownWords = 0, otherBytes = 0] = ear.trim().split(' ').map(Number);
  return {
    witness: `listener on ${host}`,
    holds: adverts > 0 && ownWords > 0 && otherBytes === 0,
    detail: `${adverts} packets of VRRP arrived, of which a process heard ${otherBytes} bytes`,
  };
}

const OWN_WORDS = 'holdfast';

/** Shell: prints how often it heard itself, and how many bytes of others. */
function listenToVrrp(seconds: string): string {
  return `heard=$(mktemp)
timeout ${seconds} socat -u IP4-RECV:${VRRP_PROTOCOL} "OPEN:$heard" &
sleep 0.3
printf ${OWN_WORDS} | socat -u - IP4-SENDTO:127.0.0.1:${VRRP_PROTOCOL}
wait
own=$(grep -ao ${OWN_WORDS} "$heard" | wc -l)
echo "$own $(($(wc -c < "$heard") - ${OWN_WORDS.length} * own))"
rm "$heard"`;
}

/** Shell: a packet that says nothing. That it cannot be sent is what is hoped for. */
function sendVrrp(address: string): string {
  return `echo holdfast | socat -u - IP4-SENDTO:${address}:${VRRP_PROTOCOL} 2> /dev/null || true`;
}

async function captured(
  call: FaultCall,
  host: string,
  filter: string,
): Promise<{ readonly adverts: number; readonly pings: number }> {
  const script = `${findDevice(addressOf(call.topology, host))}
timeout ${listeningS(call)} tcpdump -n -v -l --immediate-mode -i "$device" '${filter}' 2> /dev/null |
  awk '/proto VRRP/ { adverts++ } /proto ICMP/ { pings++ } END { print adverts + 0, pings + 0 }'`;
  const [adverts = 0, pings = 0] = (await run(call, host, script)).trim().split(' ').map(Number);
  return { adverts, pings };
}

function listeningS({ topology }: FaultPlan): string {
  const advertMs = topology.keepalived.advertIntervalS * 1000;
  return (Math.min(LISTEN_MOST_MS, advertMs + LISTEN_EXTRA_MS) / 1000).toFixed(1);
}

async function run({ lab }: FaultCall, host: string, script: string): Promise<string> {
  return (await lab.host(host).run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS })).stdout;
}
