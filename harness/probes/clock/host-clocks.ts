// The clocks of all hosts that stamp anything, measured for as long as a scenario lasts: at its beginning, at its end,
// after each boot, and in between, as clocks drift. Every measure is on record.
import {
  begun,
  followed,
  measureOf,
  middleOf,
  uncertaintyAt,
  uncertaintyOf,
  type ClockMeasure,
  type ClockOffset,
} from '../../core/clock-offset.ts';
import { sharedClock, type HostClock, type HostClocks, type RunClock, type Stamp } from '../../core/clock.ts';
import { HoldfastError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { ClockMeasured, Recorder } from '../../core/record.ts';
import { ClockQuestions, ownKernel, type Kernel } from './questions.ts';
import { RESOLUTIONS, type ClockWay } from './ways.ts';

/** Often enough that what clocks may drift meanwhile stays a few milliseconds. */
const INTERVAL_MS = 10_000;

export interface MeasuredClocksOptions {
  readonly recorder: Recorder;
  readonly clock: RunClock;
  /** The ways to read a host's clock that may be taken; default: all. */
  readonly ways?: readonly ClockWay[];
  /** Between two measures of one host; default 10 000. */
  readonly intervalMs?: number;
}

export class MeasuredClocks implements HostClocks {
  readonly #options: MeasuredClocksOptions;
  readonly #hosts = new Map<string, OneClock>();
  readonly #timer: NodeJS.Timeout;
  #isStopped = false;

  constructor(options: MeasuredClocksOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#measureAll(), options.intervalMs ?? INTERVAL_MS).unref();
  }

  of(host: Host): Promise<HostClock> {
    if (this.#isStopped) return Promise.reject(new HoldfastError('no clock is measured any more'));
    const known = this.#hosts.get(host.name) ?? new OneClock(host, this.#options);
    this.#hosts.set(host.name, known);
    return known.measure();
  }

  /** Measures all once more, and lets go of the hosts. A host that no longer answers keeps its last measure. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#measureAll();
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    await Promise.all(hosts.map((one) => one.close()));
  }

  async #measureAll(): Promise<void> {
    // One that does not answer is off, or cut off: what it stamps is known the less the longer that lasts.
    await Promise.allSettled([...this.#hosts.values()].map((one) => one.measureAgain()));
  }
}

class OneClock {
  readonly #host: Host;
  readonly #options: MeasuredClocksOptions;
  #shared: HostClock | undefined;
  #questions: ClockQuestions | undefined;
  #current: BootClock | undefined;
  #measuring: Promise<HostClock> | undefined;

  constructor(host: Host, options: MeasuredClocksOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Who asks while a measure is under way gets that one. */
  measure(): Promise<HostClock> {
    if (this.#shared) return Promise.resolve(this.#shared);
    this.#measuring ??= this.#measure().finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  /** Does nothing where there is nothing to follow. */
  async measureAgain(): Promise<void> {
    if (this.#current) await this.measure();
  }

  async close(): Promise<void> {
    await this.#measuring?.catch(() => undefined);
    await this.#letGo();
  }

  async #measure(): Promise<HostClock> {
    if (this.#questions) {
      // A host that booted has ended the stream, or it leads nowhere any more: then it is opened anew.
      const known = this.#questions;
      const clock = await this.#ask(known).catch(() => undefined);
      if (clock) return clock;
      await this.#letGo();
    }
    const questions = await ClockQuestions.open(this.#host, this.#options.ways);
    if (isOwn(questions.kernel)) {
      await questions.close();
      return this.#share(questions.kernel);
    }
    this.#questions = questions;
    try {
      return await this.#ask(questions);
    } catch (thrown) {
      await this.#letGo();
      throw thrown;
    }
  }

  /** A host on the harness's kernel stays there, whatever becomes of it. */
  #share(kernel: Kernel): HostClock {
    const { recorder, clock } = this.#options;
    this.#shared = sharedClock(clock);
    recorder.append({
      type: 'clock.measured',
      atMs: clock.now(),
      host: this.#host.name,
      boot: bootOf(kernel),
      way: 'same kernel',
      offsetNs: '0',
      uncertaintyMs: 0,
    });
    return this.#shared;
  }

  async #ask(questions: ClockQuestions): Promise<HostClock> {
    const { way, exchanges } = await questions.ask();
    const measure = measureOf(exchanges, RESOLUTIONS[way]);
    const { recorder, clock } = this.#options;
    recorder.append(this.#eventOf(questions.kernel, way, measure));
    const boot = bootOf(questions.kernel);
    if (this.#current?.boot === boot) this.#current.follow(measure);
    else this.#current = new BootClock(boot, clock, measure);
    return this.#current;
  }

  #eventOf(kernel: Kernel, way: ClockWay, measure: ClockMeasure): ClockMeasured {
    return {
      type: 'clock.measured',
      atMs: this.#options.clock.fromMonotonicNs(measure.atNs),
      host: this.#host.name,
      boot: bootOf(kernel),
      way,
      offsetNs: String(middleOf(measure)),
      uncertaintyMs: uncertaintyOf(measure),
      // A clock that is read in hundredths of a second may say that it took less than nothing.
      roundTripMs: Math.max(0, Number(measure.roundTripNs) / 1e6),
      wallAheadNs: String(measure.wallAheadNs),
      wallUncertaintyMs: Number(measure.wallUncertaintyNs) / 1e6,
    };
  }

  async #letGo(): Promise<void> {
    const questions = this.#questions;
    this.#questions = undefined;
    await questions?.close();
  }
}

/** One host's clock from one boot to the next, as its latest measure says it is. */
class BootClock implements HostClock {
  readonly boot: string;
  readonly #clock: RunClock;
  #offset: ClockOffset;
  #wall: Pick<ClockMeasure, 'wallAheadNs' | 'wallUncertaintyNs'>;

  constructor(boot: string, clock: RunClock, measure: ClockMeasure) {
    this.boot = boot;
    this.#clock = clock;
    this.#offset = begun(measure);
    this.#wall = measure;
  }

  /** A clock that leapt is followed to where it is now: that it did is on record, and checks doubt what it stamped. */
  follow(measure: ClockMeasure): void {
    this.#offset = followed(this.#offset, measure) ?? begun(measure);
    this.#wall = measure;
  }

  fromMonotonicNs(ns: bigint): Stamp {
    const axisNs = ns - this.#offset.offsetNs;
    return {
      atMs: this.#clock.fromMonotonicNs(axisNs),
      uncertaintyMs: uncertaintyAt(this.#offset, axisNs),
    };
  }

  fromEpochMs(epochMs: number): Stamp {
    const epochNs = BigInt(Math.round(epochMs * 1000)) * 1000n;
    const { atMs, uncertaintyMs = 0 } = this.fromMonotonicNs(epochNs - this.#wall.wallAheadNs);
    return {
      // What has been told has happened: so it never stands after the end of the watch that told it.
      atMs: Math.min(atMs, this.#clock.now()),
      uncertaintyMs: Math.ceil(uncertaintyMs * 100 + Number(this.#wall.wallUncertaintyNs) / 1e4) / 100,
    };
  }
}

function isOwn({ bootId, timeNamespace }: Kernel): boolean {
  const own = ownKernel();
  return own?.bootId === bootId && own.timeNamespace === timeNamespace;
}

function bootOf({ bootId, timeNamespace, life }: Kernel): string {
  return `${bootId} ${timeNamespace} ${life}`;
}
