// The ledger's watch: does a change that is made now reach a client that watches?
import type { LedgerBook } from './ledger-book.ts';
import { RECORD_LABEL } from './ledger.ts';
import { msBetween, msSince } from './exchange.ts';
import type { Reading, SeriesProgram, SeriesSetting } from './series.ts';
import type { WatchEvent } from './watch-lines.ts';
import { openWatchStream, type WatchStream } from './watch-stream.ts';

/** Between the beginnings of two attempts to open the watch. */
const ATTEMPT_INTERVAL_MS = 100;

interface Waiting {
  readonly startNs: bigint;
  readonly resolve: (reading: Reading | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A sample is good when, within its limit, the watch delivers a record whose append began at its start or later; its
 * duration is the time until then. So it is what a client sees who makes changes all the time and waits to see them: it
 * fails while nothing can be written, and says so, as well as while what is written does not arrive. Older records do not
 * count, however late they come: they say nothing about a change made now. As the wait for the next append is part of the
 * duration, the time from that append's beginning to its delivery is told apart (first byte). Where no append began within
 * the limit (the writer has stopped), nothing was asked, and there is no sample.
 *
 * The watch is one GET on an HTTP/1.1 connection of its own: then what ends or stalls it is one stream's and one
 * connection's fate, with nothing multiplexed beside it that would keep it alive. It is opened again, from the last version
 * seen, when it ends, and when a record that was acknowledged while it stood has not come for a whole limit: TCP alone
 * does not notice that its peer is gone, and a client without such a rule would be blind for minutes.
 */
export class LedgerWatch implements SeriesProgram {
  readonly #setting: SeriesSetting;
  readonly #book: LedgerBook;
  readonly #path: string;
  #waiting: Waiting[] = [];
  #stream: WatchStream | undefined;
  #openedNs: bigint | undefined;
  #version: string | undefined;
  #answeredBy: string | undefined;
  #blindSince = process.hrtime.bigint();
  #attempts = 0;
  #lastFailure: string | undefined;
  #attemptNs = 0n;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(setting: SeriesSetting, book: LedgerBook, path: string) {
    this.#setting = setting;
    this.#book = book;
    this.#path = path;
  }

  /** Resolves when the first attempt has succeeded or failed. */
  warmUp(): Promise<unknown> {
    return this.#open();
  }

  take({ startNs }: { readonly startNs: bigint }): Promise<Reading | undefined> {
    this.#closeIfSilent(startNs);
    const { timeoutMs } = this.#setting.definition;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#giveUp(waiting), Math.max(1, timeoutMs - msSince(startNs)));
      const waiting = { startNs, resolve, timer };
      this.#waiting.push(waiting);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#close('the series has ended');
  }

  #giveUp(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((one) => one !== waiting);
    const { begun, acknowledged } = this.#book.since(waiting.startNs);
    waiting.resolve(
      begun.length === 0
        ? undefined
        : { d: msSince(waiting.startNs), f: 'timeout', m: this.#describe(begun, acknowledged) },
    );
  }

  #describe(begun: readonly number[], acknowledged: readonly number[]): string {
    const failure = this.#lastFailure === undefined ? '' : ` (${this.#lastFailure})`;
    const state = this.#openedNs === undefined ? `; the watch is not open${failure}` : '';
    const [first] = acknowledged;
    return first === undefined
      ? `nothing was acknowledged, of ${begun.length} appends begun${state}`
      : `record ${first} was acknowledged and did not come${state}`;
  }

  async #open(): Promise<void> {
    const { definition, tls } = this.#setting;
    this.#attempts += 1;
    this.#attemptNs = process.hrtime.bigint();
    const version = this.#version === undefined ? '' : `&resourceVersion=${this.#version}`;
    const stream = openWatchStream({
      definition,
      tls,
      path: `${this.#path}${version}`,
      timeoutMs: definition.timeoutMs,
      onOpened: (answeredBy) => this.#onOpened(answeredBy),
      onEvent: (event) => this.#onEvent(event),
    });
    this.#stream = stream;
    void stream.ended.then((reason) => {
      if (this.#stream === stream) this.#close(reason);
    });
    await stream.begun;
  }

  #onOpened(answeredBy: string | undefined): void {
    const gapMs = Math.round(msSince(this.#blindSince));
    const failure = this.#lastFailure === undefined ? '' : `, the last ended by: ${this.#lastFailure}`;
    const detail = `after ${gapMs} ms without; attempts: ${this.#attempts}${failure}`;
    this.#openedNs = process.hrtime.bigint();
    this.#answeredBy = answeredBy;
    this.#attempts = 0;
    this.#lastFailure = undefined;
    this.#say('opened', detail);
  }

  #onEvent({ type, object }: WatchEvent): void {
    const nowNs = process.hrtime.bigint();
    if (type === 'ERROR') {
      // From a version that is no longer kept one cannot go on: without one, all that there is comes first.
      if (object.code === 410) this.#version = undefined;
      this.#close(`ERROR ${object.code ?? ''} ${object.message ?? ''}`.trim());
      return;
    }
    this.#version = object.metadata.resourceVersion ?? this.#version;
    const record = Number(object.metadata.labels?.[RECORD_LABEL]);
    const beganNs = type === 'ADDED' ? this.#book.deliver(record, nowNs) : undefined;
    if (beganNs === undefined) return;
    const served = this.#waiting.filter(({ startNs }) => startNs <= beganNs);
    this.#waiting = this.#waiting.filter(({ startNs }) => startNs > beganNs);
    for (const { startNs, resolve, timer } of served) {
      clearTimeout(timer);
      resolve({ d: msBetween(startNs, nowNs), b: msBetween(beganNs, nowNs), a: this.#answeredBy });
    }
  }

  #closeIfSilent(nowNs: bigint): void {
    if (this.#openedNs === undefined) return;
    const { timeoutMs } = this.#setting.definition;
    const record = this.#book.overdue(this.#openedNs, nowNs - BigInt(Math.round(timeoutMs * 1e6)));
    if (record !== undefined) {
      this.#close(`silent: record ${record} was acknowledged more than ${timeoutMs} ms ago`);
    }
  }

  /** Does nothing but plan the next attempt where the stream never opened. */
  #close(reason: string): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.destroy();
    if (this.#openedNs === undefined) this.#lastFailure = reason;
    else {
      this.#openedNs = undefined;
      this.#blindSince = process.hrtime.bigint();
      this.#say('closed', reason);
    }
    if (this.#stopped) return;
    const waitMs = Math.max(0, ATTEMPT_INTERVAL_MS - msSince(this.#attemptNs));
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#open(), waitMs);
  }

  #say(change: 'opened' | 'closed', detail: string): void {
    const { definition, say } = this.#setting;
    const answeredBy = this.#answeredBy;
    say({
      type: 'watch',
      probe: definition.name,
      change,
      detail,
      ...(answeredBy !== undefined && { answeredBy }),
    });
  }
}
