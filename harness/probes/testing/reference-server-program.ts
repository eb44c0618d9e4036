// The reference server: performs outages of known length and says when each truly began and ended. It runs beside the
// prober, on the same machine and so on the same CLOCK_MONOTONIC, as one file without dependencies (Node ≥ 18).
//
// First line of standard input: its script. It says where it listens, waits for any second line, performs the script
// once, and ends with the third line, with its input, or at its maximum duration.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KnownOutage, PlannedOutage, Protocol } from './reference-server-lines.ts';
import { openListener, type Listener } from './reference-server-listener.ts';
import { moment } from './reference-server-moment.ts';
import { type Certificate, makeCertificate } from './scripted-servers.ts';

export interface ReferenceScript {
  readonly listeners: readonly ScriptedListener[];
  /** How long a slow answer takes. */
  readonly slowMs: number;
  readonly maxDurationMs: number;
}

export interface ScriptedListener {
  readonly name: string;
  readonly protocol: Protocol;
  /** One after the other, with time in between; none for a server that is always good. */
  readonly outages: readonly PlannedOutage[];
}

async function main(): Promise<void> {
  process.once('SIGTERM', () => process.exit(0));
  const lines: AsyncIterator<string, undefined> = createInterface({ input: process.stdin })[
    Symbol.asyncIterator
  ]();
  const script = JSON.parse((await lines.next()).value ?? '') as ReferenceScript;
  setTimeout(() => process.exit(0), script.maxDurationMs);

  const certificate = script.listeners.some(({ protocol }) => protocol !== 'http')
    ? await certificateOfOurOwn()
    : undefined;
  const listeners: Listener[] = [];
  for (const { name, protocol } of script.listeners) {
    const secrets = certificate && protocol !== 'http' ? { certificate } : {};
    listeners.push(await openListener({ name, protocol, slowMs: script.slowMs, ...secrets }));
  }
  const ports = listeners.map(({ name, port }) => ({ name, port }));
  say({ listening: ports, ...(certificate && { certificatePem: certificate.cert }) });

  const go = await lines.next();
  if (go.done !== true) {
    const startNs = process.hrtime.bigint();
    const outages = script.listeners.map(({ outages }) => outages);
    const performed = listeners.map((listener, index) => perform(listener, outages[index] ?? [], startNs));
    void Promise.all(performed).then(() => say({ performed: true }));
    await lines.next();
  }
  process.exit(0);
}

async function perform(
  listener: Listener,
  outages: readonly PlannedOutage[],
  startNs: bigint,
): Promise<void> {
  for (const { kind, atMs, lengthMs } of outages) {
    const lookedNs = await moment(startNs + nanoseconds(atMs));
    const begin = around(() => listener.begin(kind));
    // From the true begin, so that a late begin does not shorten the outage.
    await moment(begin.toNs + nanoseconds(lengthMs));
    const fromNs = process.hrtime.bigint();
    await listener.end();
    const end = { fromNs, toNs: process.hrtime.bigint() };
    say({ outage: known(listener.name, { kind, atMs, lengthMs }, lookedNs, begin, end) });
  }
}

interface Deed {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

function around(deed: () => void): Deed {
  const fromNs = process.hrtime.bigint();
  deed();
  return { fromNs, toNs: process.hrtime.bigint() };
}

function known(
  listener: string,
  { kind, lengthMs }: PlannedOutage,
  lookedNs: bigint,
  begin: Deed,
  end: Deed,
): KnownOutage {
  const both = ({ fromNs, toNs }: Deed): [string, string] => [String(fromNs), String(toNs)];
  return { listener, kind, lengthMs, lookedNs: String(lookedNs), begin: both(begin), end: both(end) };
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1e6));
}

async function certificateOfOurOwn(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-reference-'));
  try {
    return await makeCertificate(folder, 'reference');
  } finally {
    await rm(folder, { recursive: true });
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await main();
