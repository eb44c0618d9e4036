// One host asked for its clocks, over a stream that is kept, so that a round trip is short.
import { readFileSync, readlinkSync } from 'node:fs';
import type { ClockExchange } from '../../core/clock-offset.ts';
import { EnvironmentError, HoldfastError } from '../../core/errors.ts';
import type { Host, HostStream } from '../../core/host.ts';
import { withTimeout } from '../../core/wait.ts';
import { CLOCK_WAYS, clockCommand, type ClockWay } from './ways.ts';

const ANSWER_TIMEOUT_MS = 1_000;
/** For the host to find a way: at worst it starts one interpreter after the other. */
const WAY_TIMEOUT_MS = 10_000;
/** So many are enough for one of them to meet no delay; together they take some milliseconds on a local network. */
const EXCHANGES = 8;

/** Whose clock it is. */
export interface Kernel {
  readonly bootId: string;
  /** As the link in /proc says it; "-" on kernels that have none (before Linux 5.6). */
  readonly timeNamespace: string;
  /** Differs from boot to boot, also of a container. */
  readonly life: string;
}

/** undefined where the harness runs on no Linux: then it shares no host's kernel. */
export function ownKernel(): Omit<Kernel, 'life'> | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return { bootId, timeNamespace: linkOr('/proc/self/ns/time', '-') };
  } catch {
    return undefined;
  }
}

function linkOr(path: string, otherwise: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}

export class ClockQuestions {
  readonly #host: Host;
  readonly #stream: HostStream;
  readonly #lines: AsyncIterator<string>;
  readonly kernel: Kernel;
  #way: ClockWay | undefined;

  private constructor(host: Host, stream: HostStream, lines: AsyncIterator<string>, kernel: Kernel) {
    this.#host = host;
    this.#stream = stream;
    this.#lines = lines;
    this.kernel = kernel;
  }

  /**
   * Resolves when the host has said who it is.
   * @throws HoldfastError when it says something else, or nothing in time
   */
  static async open(host: Host, ways: readonly ClockWay[] = CLOCK_WAYS): Promise<ClockQuestions> {
    const stream = await host.stream(clockCommand(ways));
    const lines = stream.lines[Symbol.asyncIterator]();
    try {
      const line = await nextLine(host, stream, lines, WAY_TIMEOUT_MS);
      const [, bootId, timeNamespace, life] = /^kernel (\S+) (\S+) (\S+)$/.exec(line) ?? [];
      if (bootId === undefined || timeNamespace === undefined || life === undefined) {
        throw new HoldfastError(`${host.name} does not say which kernel it runs on: ${line.slice(0, 200)}`);
      }
      return new ClockQuestions(host, stream, lines, { bootId, timeNamespace, life });
    } catch (thrown) {
      await stream.close();
      throw thrown;
    }
  }

  /**
   * Exchanges that follow each other at once, and the way in which the host reads its clocks.
   * @throws EnvironmentError when it has none, HoldfastError when it does not answer in time
   */
  async ask(): Promise<{ readonly way: ClockWay; readonly exchanges: readonly ClockExchange[] }> {
    const way = (this.#way ??= await this.#findWay());
    const exchanges: ClockExchange[] = [];
    while (exchanges.length < EXCHANGES) exchanges.push(await this.#exchange(ANSWER_TIMEOUT_MS));
    return { way, exchanges };
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  async #findWay(): Promise<ClockWay> {
    this.#stream.write('\n');
    const line = await nextLine(this.#host, this.#stream, this.#lines, WAY_TIMEOUT_MS);
    const way = CLOCK_WAYS.find((name) => line === `way ${name}`);
    if (way) {
      // The program that answers is only being started: its first answer measures that.
      await this.#exchange(WAY_TIMEOUT_MS);
      return way;
    }
    throw new EnvironmentError(`${this.#host.name} has no way to tell its clock: ${line}`, {
      hint: 'install perl or python3 on it: any version will do',
    });
  }

  async #exchange(timeoutMs: number): Promise<ClockExchange> {
    const askedNs = process.hrtime.bigint();
    this.#stream.write('\n');
    const line = await nextLine(this.#host, this.#stream, this.#lines, timeoutMs);
    const heardNs = process.hrtime.bigint();
    const [, before, wall, after] = /^(\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (before === undefined || wall === undefined || after === undefined) {
      throw new HoldfastError(`${this.#host.name} does not tell its clocks: ${line.slice(0, 200)}`);
    }
    return { askedNs, heardNs, beforeNs: BigInt(before), wallNs: BigInt(wall), afterNs: BigInt(after) };
  }
}

async function nextLine(
  host: Host,
  stream: HostStream,
  lines: AsyncIterator<string>,
  timeoutMs: number,
): Promise<string> {
  const next = await withTimeout(`clock of ${host.name}`, timeoutMs, lines.next());
  if (next.done !== true) return next.value;
  const { reason, exitCode, stderr } = await stream.done;
  const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
  throw new HoldfastError(`${host.name} told no clock: ${how} ${stderr}`.trim());
}
