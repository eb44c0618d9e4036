// Who can tell that packets are lost: the rules' own counters, and hosts that ask each other and get no answer.
import type { FaultCall } from '../core/fault.ts';
import { shellQuote, type Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';
import { addressOf } from './network-hosts.ts';
import { countDrops, droppedIn, lookForDevice, type Way } from './network-rules.ts';
import {
  FIND_OWN_CONNECTION,
  OWN_CONNECTION_PARTS,
  USE_MANAGEMENT_NETWORK,
  whereItGoes,
} from './own-connection.ts';

const TIMEOUT_MS = 10_000;

/** Counts what the rules on a host have dropped. Somebody must have sent something. */
export async function rulesSay(
  { lab, id }: FaultCall,
  host: string,
  ways: readonly Way[],
): Promise<Evidence> {
  const { stdout } = await lab.host(host).run(['sh', '-c', countDrops(id)], { timeoutMs: TIMEOUT_MS });
  const counts = ways.map((way) => ({ way, packets: droppedIn(stdout, way) }));
  return {
    witness: `rules on ${host}`,
    holds: counts.every(({ packets }) => packets > 0),
    detail: `dropped ${counts.map(({ way, packets }) => `${packets} on their way ${way}`).join(', ')}`,
  };
}

/** Those that can be asked: a host without power, or frozen by another fault, bears no witness. */
export async function awake(
  { lab, topology }: FaultCall,
  hosts: readonly string[],
): Promise<readonly string[]> {
  const asleep = await Promise.all(
    topology.hosts
      .filter(({ name }) => hosts.includes(name))
      .map(async ({ name }) => ((await lab.power(name).state()) === 'on' ? [] : [name])),
  );
  return hosts.filter((host) => !asleep.flat().includes(host));
}

/** One ping to each of the others, all at once. */
export async function noneAnswers(
  { lab }: FaultCall,
  host: string,
  others: readonly string[],
): Promise<Evidence> {
  const answered = await whoAnswers(
    lab.host(host),
    others.map((other) => lab.host(other)),
  );
  return {
    witness: `ping from ${host}`,
    holds: answered.length === 0,
    detail: answered.length === 0 ? `${others.join(', ')}: no answer` : `${answered.join(', ')}: answered`,
  };
}

export async function whoAnswers(host: Host, others: readonly Host[]): Promise<readonly string[]> {
  const pings = others.map(
    ({ name, address }) => `{ ping -n -q -c 1 -W 1 ${address} > /dev/null 2>&1 && echo ${name}; } &`,
  );
  const { stdout } = await host.run(['sh', '-c', [...pings, 'wait'].join('\n')], { timeoutMs: TIMEOUT_MS });
  return stdout.split('\n').filter((line) => line !== '');
}

/**
 * Tries on each host what it will have to do, in a network namespace of its own that is gone afterwards: whether its kernel
 * and its programs can is found out by doing it.
 * @param rehearsal shell; it has $device and what FIND_OWN_CONNECTION found, both of the host's own network
 * @returns why one of them cannot, in the words of the program that refused; undefined when all can
 */
export async function refusalOf(
  call: Pick<FaultCall, 'lab' | 'topology'>,
  hosts: readonly string[],
  rehearsal: string,
): Promise<string | undefined> {
  const inNamespace = shellQuote(['unshare', '--net', 'sh', '-eu', '-c', rehearsal]);
  return whyNot(call, hosts, `export device ${OWN_CONNECTION_PARTS}\n${inNamespace}`);
}

/** Of a fault that takes the host's interface away as a whole. @returns as `refusalOf` does */
export async function refusalOfOwnWay(
  call: Pick<FaultCall, 'lab' | 'topology'>,
  hosts: readonly string[],
): Promise<string | undefined> {
  const shared = ':';
  const apart = `echo "SSH comes by its interface $device, which would be gone: ${USE_MANAGEMENT_NETWORK}"\nexit 1`;
  return whyNot(call, hosts, whereItGoes({ shared, apart }));
}

async function whyNot(
  { lab, topology }: Pick<FaultCall, 'lab' | 'topology'>,
  hosts: readonly string[],
  script: string,
): Promise<string | undefined> {
  const refusals = await Promise.all(
    hosts.map(async (host) => {
      const found = `${lookForDevice(addressOf(topology, host))}\n${FIND_OWN_CONNECTION}`;
      const argv = ['sh', '-eu', '-c', `exec 2>&1\n${found}\n${script}`];
      const acceptExitCodes = Array.from({ length: 256 }, (_, code) => code);
      const { exitCode, stdout } = await lab.host(host).run(argv, { acceptExitCodes, timeoutMs: TIMEOUT_MS });
      return exitCode === 0 ? [] : [`${host}: ${stdout.trim().split('\n')[0] || `exit code ${exitCode}`}`];
    }),
  );
  const all = refusals.flat();
  return all.length === 0 ? undefined : all.join('; ');
}
