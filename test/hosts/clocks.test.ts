// Hosts with a monotonic clock of their own, for real: containers whose commands run in a time namespace that is a day ahead
// of the machine (time_namespaces(7)). The machine's own clock is the truth that their offset is compared with.
import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clockOriginNow, runClock } from '../../harness/core/clock.ts';
import type { HostStream, RunOptions, RunResult, StreamOptions } from '../../harness/core/host.ts';
import type {
  ClockMeasured,
  JournalEvent,
  ProbeDefinition,
  Sample,
  VipAddress,
} from '../../harness/core/record.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { DockerExecHost } from '../../harness/hosts/docker-exec.ts';
import { MeasuredClocks, startProbes, startVipWatch } from '../../harness/probes/index.ts';
import { CLOCK_WAYS, type ClockWay } from '../../harness/probes/clock/ways.ts';
import { testImages } from './test-images.ts';

const AHEAD_S = 86_400;
const VIP = '10.10.102.21';
const docker = new Docker();
const clock = runClock(clockOriginNow());

/** Every command runs in the time namespace of one process of the container. */
class HostAhead extends DockerExecHost {
  #pid = '';

  async begin(): Promise<void> {
    const ahead = `unshare --time --monotonic ${AHEAD_S} --boottime ${AHEAD_S} sleep 600 & echo $!; wait`;
    const stream = await super.stream(['sh', '-c', ahead]);
    for await (const line of stream.lines) {
      this.#pid = line;
      break;
    }
    await waitFor('the clock ahead', { timeoutMs: 5_000, intervalMs: 50 }, async () => {
      const { stdout } = await super.run(['sh', '-c', 'cat /proc/$1/timens_offsets', 'sh', this.#pid]);
      return stdout.includes(String(AHEAD_S)) ? { done: true } : { missing: stdout };
    });
  }

  override run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return super.run(this.#ahead(argv), options);
  }

  override stream(argv: readonly string[], options?: StreamOptions): Promise<HostStream> {
    return super.stream(this.#ahead(argv), options);
  }

  #ahead(argv: readonly string[]): readonly string[] {
    return this.#pid === '' ? argv : ['nsenter', `--time=/proc/${this.#pid}/ns/time`, '--', ...argv];
  }
}

const name = `holdfast-test-clocks-${randomUUID().slice(0, 8)}`;
/** Made before the tests. */
const under = {} as { container?: Docker.Container; ahead: HostAhead; plain: DockerExecHost };

beforeAll(async () => {
  const { observer } = await testImages();
  const container = await docker.createContainer({
    name,
    Image: observer,
    Entrypoint: ['sleep', '600'],
    Labels: { holdfast: 'lab', 'holdfast.run': name },
    HostConfig: {
      Tmpfs: { '/run': '' },
      NetworkMode: 'none',
      Init: true,
      CapAdd: ['SYS_ADMIN', 'NET_ADMIN', 'SYS_TIME', 'SYS_PTRACE'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      // Docker hides /proc/timer_list, which a machine does not.
      MaskedPaths: [],
      ReadonlyPaths: [],
    },
  });
  under.container = container;
  await container.start();
  const options = { docker, address: '127.0.0.1', container: name };
  under.plain = new DockerExecHost({ ...options, name: 'plain' });
  under.ahead = new HostAhead({ ...options, name: 'ahead' });
  await under.ahead.begin();
});

afterAll(async () => {
  await under.container?.remove({ force: true, v: true });
});

interface Record {
  readonly events: JournalEvent[];
  readonly clocks: MeasuredClocks;
  readonly recorder: { append(event: JournalEvent): void };
}

function recording(ways?: readonly ClockWay[]): Record {
  const events: JournalEvent[] = [];
  const recorder = { append: (event: JournalEvent): void => void events.push(event) };
  return { events, recorder, clocks: new MeasuredClocks({ recorder, clock, ...(ways && { ways }) }) };
}

function measures(events: readonly JournalEvent[]): readonly ClockMeasured[] {
  return events.filter((event) => event.type === 'clock.measured');
}

test('a container of this machine shares its clock, and is recognized by that', async () => {
  const { clocks, events } = recording();
  const stamp = (await clocks.of(under.plain)).fromMonotonicNs(process.hrtime.bigint());
  await clocks.stop();
  expect(stamp).not.toHaveProperty('uncertaintyMs');
  expect(measures(events)).toMatchObject([{ way: 'same kernel', uncertaintyMs: 0 }]);
});

/** Whatever the image has of them. */
const installed: readonly ClockWay[] = ['perl', 'node', 'timer_list', 'uptime'];

describe.each(installed)('a host that is a day ahead, asked by %s', (way) => {
  test('has the offset that it has, to within what is said', async () => {
    const { clocks, events } = recording([way]);
    await clocks.of(under.ahead);
    await clocks.stop();
    const found = measures(events);
    expect(found.map((measure) => measure.way)).toEqual([way, way]);
    for (const { offsetNs, uncertaintyMs } of found) {
      const offMs = Number(BigInt(offsetNs) - BigInt(AHEAD_S) * 1_000_000_000n) / 1e6;
      expect(Math.abs(offMs)).toBeLessThanOrEqual(uncertaintyMs);
      // So that it says something: a second is known to some milliseconds.
      expect(uncertaintyMs).toBeLessThan(100);
    }
  });
});

test('the first way that a host has is taken', async () => {
  const { clocks, events } = recording();
  await clocks.of(under.ahead);
  await clocks.stop();
  expect(measures(events)[0]?.way).toBe(CLOCK_WAYS[0]);
});

test('what the kernel of such a host tells of the VIP lands where it happened', async () => {
  const { clocks, events, recorder } = recording();
  const watch = await startVipWatch({ hosts: [under.ahead], vip: VIP, recorder, clock, clocks });
  const beforeMs = clock.now();
  await under.ahead.run(['ip', 'address', 'add', `${VIP}/32`, 'dev', 'lo']);
  const afterMs = clock.now();
  const isGain = (event: JournalEvent): event is VipAddress => event.type === 'vip.address' && event.present;
  const gained = await waitFor('the address', { timeoutMs: 5_000, intervalMs: 20 }, () => {
    const event = events.find(isGain);
    return Promise.resolve(event ? { done: event } : { missing: JSON.stringify(events) });
  });
  await watch.stop();
  await clocks.stop();
  await under.ahead.run(['ip', 'address', 'del', `${VIP}/32`, 'dev', 'lo']);
  const { atMs, uncertaintyMs = NaN, source } = gained;
  expect(source).toBe('event');
  expect(uncertaintyMs).toBeGreaterThan(0);
  expect(atMs).toBeGreaterThanOrEqual(beforeMs - uncertaintyMs);
  expect(atMs).toBeLessThanOrEqual(afterMs + uncertaintyMs);
});

test('what a prober on such a host samples lands where it was asked', async () => {
  const control: ProbeDefinition = {
    name: 'control',
    kind: 'http',
    url: 'http://127.0.0.1/',
    connection: 'reused',
    intervalMs: 50,
    timeoutMs: 500,
    capability: 'control',
  };
  const { clocks, events, recorder } = recording();
  const beforeMs = clock.now();
  const probes = await startProbes({
    host: under.ahead,
    definitions: [control],
    recorder,
    clock,
    clocks,
    maxDurationMs: 30_000,
  });
  const samples = (): Sample[] => events.filter((event) => event.type === 'sample');
  await waitFor('twenty samples', { timeoutMs: 10_000, intervalMs: 50 }, () =>
    Promise.resolve(samples().length >= 20 ? { done: true } : { missing: `${samples().length}` }),
  );
  await probes.stop();
  const afterMs = clock.now();
  await clocks.stop();
  for (const { atMs, durationMs, uncertaintyMs = NaN } of samples()) {
    expect(atMs).toBeGreaterThanOrEqual(beforeMs - uncertaintyMs);
    expect(atMs + durationMs).toBeLessThanOrEqual(afterMs + uncertaintyMs);
  }
});
