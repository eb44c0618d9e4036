// Who can tell that packets are lost: the rules' own counters, and hosts that ask each other and get no answer.
import type { FaultCall } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';
import { countDrops, droppedIn, type Way } from './network-rules.ts';

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
 * @param rehearsal shell
 * @returns why one of them cannot, in the words of the program that refused; undefined when all can
 */
export async function refusalOf(
  { lab }: Pick<FaultCall, 'lab'>,
  hosts: readonly string[],
  rehearsal: string,
): Promise<string | undefined> {
  const refusals = await Promise.all(
    hosts.map(async (host) => {
      const argv = ['unshare', '--net', 'sh', '-eu', '-c', `exec 2>&1\n${rehearsal}`];
      const acceptExitCodes = Array.from({ length: 256 }, (_, code) => code);
      const { exitCode, stdout } = await lab.host(host).run(argv, { acceptExitCodes, timeoutMs: TIMEOUT_MS });
      return exitCode === 0 ? [] : [`${host}: ${stdout.trim().split('\n')[0] || `exit code ${exitCode}`}`];
    }),
  );
  const all = refusals.flat();
  return all.length === 0 ? undefined : all.join('; ');
}
