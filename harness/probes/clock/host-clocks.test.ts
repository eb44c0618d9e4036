// The clocks of hosts whose clock, boot and silence are scripted.
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { clockOriginNow, runClock } from '../../core/clock.ts';
import type { HostStream, StreamEnd } from '../../core/host.ts';
import type { ClockMeasured, JournalEvent } from '../../core/record.ts';
import { FakeHost } from '../../hosts/fake.ts';
import { readLines } from '../../hosts/lines.ts';
import { MeasuredClocks } from './host-clocks.ts';
import { ownKernel } from './questions.ts';

const DAY_NS = 86_400_000_000_000n;

/** Answers as clocks/ways.ts has a host answer, by a clock of its own. */
class ClockedHost extends FakeHost {
  bootId = '5be1';
  timeNamespace = 'time:[4026531834]';
  way = 'perl';
  offsetNs = DAY_NS;
  wallOffsetNs = -3_600_000_000_000n;
  opened = 0;
  #ends: ((end: StreamEnd) => void)[] = [];

  override stream(): Promise<HostStream> {
    this.opened += 1;
    const output = new PassThrough();
    const kernel = `kernel ${this.bootId} ${this.timeNamespace} 22`;
    let isAsked = false;
    output.write(`${kernel}\n`);
    const done = new Promise<StreamEnd>((resolve) => this.#ends.push(resolve));
    void done.then(() => output.end());
    return Promise.resolve({
      lines: readLines(output),
      done,
      write: () => {
        output.write(isAsked ? `${this.#reading()}\n` : `way ${this.way}\n`);
        isAsked = true;
      },
      close: () => {
        this.ends('closed');
        return Promise.resolve();
      },
    });
  }

  ends(reason: string): void {
    for (const end of this.#ends.splice(0)) end({ exitCode: undefined, stderr: '', reason });
  }

  boots(bootId: string, offsetNs: bigint): void {
    this.ends('connection lost');
    this.bootId = bootId;
    this.offsetNs = offsetNs;
  }

  #reading(): string {
    const monotonicNs = process.hrtime.bigint() + this.offsetNs;
    const wallNs = BigInt(Date.now()) * 1_000_000n + this.wallOffsetNs;
    return `${monotonicNs} ${wallNs} ${monotonicNs}`;
  }
}

const running: MeasuredClocks[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((clocks) => clocks.stop()));
});

const clock = runClock(clockOriginNow());

function measuring(): { readonly clocks: MeasuredClocks; readonly events: JournalEvent[] } {
  const events: JournalEvent[] = [];
  const clocks = new MeasuredClocks({ clock, recorder: { append: (event) => void events.push(event) } });
  running.push(clocks);
  return { clocks, events };
}

function measures(events: readonly JournalEvent[]): readonly ClockMeasured[] {
  return events.filter((event) => event.type === 'clock.measured');
}

describe('a host with a kernel of its own', () => {
  test('is measured to within what is said, and what it stamps lands where it happened', async () => {
    const host = new ClockedHost();
    const { clocks, events } = measuring();
    const hostClock = await clocks.of(host);
    const [measured] = measures(events);
    expect(measured).toMatchObject({ host: 'fake', way: 'perl', boot: '5be1 time:[4026531834] 22' });
    const offMs = Math.abs(Number(BigInt(measured?.offsetNs ?? '0') - DAY_NS)) / 1e6;
    expect(offMs).toBeLessThanOrEqual(measured?.uncertaintyMs ?? NaN);

    const nowNs = process.hrtime.bigint();
    const told = hostClock.fromMonotonicNs(nowNs + DAY_NS);
    expect(Math.abs(told.atMs - clock.fromMonotonicNs(nowNs))).toBeLessThanOrEqual(told.uncertaintyMs ?? 0);
  });

  test('is translated by its own wall clock, and nothing it told is still to come', async () => {
    const host = new ClockedHost();
    const hostClock = await measuring().clocks.of(host);
    const atMs = clock.now();
    const told = hostClock.fromEpochMs(Date.now() - 250 + Number(host.wallOffsetNs / 1_000_000n));
    // The scripted wall clock counts in milliseconds.
    expect(Math.abs(told.atMs - (atMs - 250))).toBeLessThanOrEqual((told.uncertaintyMs ?? 0) + 2);
    const early = hostClock.fromEpochMs(Date.now() + 60_000 + Number(host.wallOffsetNs / 1_000_000n));
    expect(early.atMs).toBeLessThanOrEqual(clock.now());
  });

  test('that booted has another clock; who has the old one keeps it', async () => {
    const host = new ClockedHost();
    const { clocks, events } = measuring();
    const before = await clocks.of(host);
    host.boots('77aa', 2n * DAY_NS);
    const after = await clocks.of(host);
    const nowNs = process.hrtime.bigint();
    const nowMs = clock.fromMonotonicNs(nowNs);
    expect(Math.abs(before.fromMonotonicNs(nowNs + DAY_NS).atMs - nowMs)).toBeLessThan(50);
    expect(Math.abs(after.fromMonotonicNs(nowNs + 2n * DAY_NS).atMs - nowMs)).toBeLessThan(50);
    expect(measures(events).map(({ boot }) => boot.split(' ')[0])).toEqual(['5be1', '77aa']);
    expect(host.opened).toBe(2);
  });

  test('is asked over one stream, once by all who ask at the same time, and once more in the end', async () => {
    const host = new ClockedHost();
    const { clocks, events } = measuring();
    await Promise.all([clocks.of(host), clocks.of(host), clocks.of(host)]);
    expect(measures(events)).toHaveLength(1);
    await clocks.of(host);
    await clocks.stop();
    expect(measures(events)).toHaveLength(3);
    expect(host.opened).toBe(1);
    await expect(clocks.of(host)).rejects.toThrow('no clock is measured any more');
  });

  test('that has no way to tell its clock is named, with the cure', async () => {
    const host = new ClockedHost();
    host.way = 'none';
    await expect(measuring().clocks.of(host)).rejects.toMatchObject({
      message: 'fake has no way to tell its clock: way none',
      exitCode: 4,
    });
  });
});

describe('a host on the kernel of the harness', () => {
  const onOwnKernel = (): ClockedHost => {
    const host = new ClockedHost();
    const own = ownKernel();
    if (!own) throw new Error('this machine tells no boot id');
    host.bootId = own.bootId;
    host.timeNamespace = own.timeNamespace;
    return host;
  };

  test('is exact, and never asked again', async () => {
    const host = onOwnKernel();
    const { clocks, events } = measuring();
    const hostClock = await clocks.of(host);
    await clocks.of(host);
    await clocks.stop();
    expect(measures(events)).toMatchObject([{ way: 'same kernel', offsetNs: '0', uncertaintyMs: 0 }]);
    expect(host.opened).toBe(1);
    const nowNs = process.hrtime.bigint();
    expect(hostClock.fromMonotonicNs(nowNs)).toEqual({ atMs: clock.fromMonotonicNs(nowNs) });
  });

  test('is measured all the same in a time namespace of its own', async () => {
    const host = onOwnKernel();
    host.timeNamespace = 'time:[4026599999]';
    const { clocks, events } = measuring();
    await clocks.of(host);
    expect(measures(events)).toMatchObject([{ way: 'perl' }]);
  });
});
