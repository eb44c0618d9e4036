// Who holds the VIP: every master's own account of its addresses, streamed from its kernel, never polled.
// A host that goes away is lost and is watched again, from a new snapshot, as soon as it answers.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunClock } from '../core/clock.ts';
import { asError, HoldfastError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { Recorder } from '../core/record.ts';
import { withTimeout } from '../core/wait.ts';
import { AddressView } from './address-view.ts';

/** Pause between two attempts to reach a host that went away. */
const RETRY_INTERVAL_MS = 500;
const START_TIMEOUT_MS = 15_000;

/**
 * The monitor first, then the snapshot, so that no change can fall between them. The kernel lists the monitor's socket
 * in /proc/net/netlink under its process number with group 0x10 (RTMGRP_IPV4_IFADDR, rtnetlink(7)) once it listens.
 * The monitor takes over the shell's process, so that ending the command leaves nothing behind.
 */
const WATCH_SCRIPT = `
( tries=0
  until grep -Eq "^[0-9a-f]+ +0 +$$ +0*10 " /proc/net/netlink || [ "$tries" -ge 250 ]; do
    tries=$((tries + 1)); sleep 0.02
  done
  echo "snapshot $(date +%s.%N)"; ip -o -4 address show; echo 'snapshot end' ) &
TZ=UTC exec ip -o -ts -4 monitor address
`;

export interface VipWatchOptions {
  /** The hosts that may hold the VIP. */
  readonly hosts: readonly Host[];
  /** Without prefix length. */
  readonly vip: string;
  readonly recorder: Recorder;
  readonly clock: RunClock;
}

export interface VipWatch {
  /** Idempotent. */
  stop(): Promise<void>;
}

/**
 * Resolves when every host's first snapshot is written down.
 * @throws WaitTimeoutError when a host gives none, with what it answered last
 */
export async function startVipWatch(options: VipWatchOptions): Promise<VipWatch> {
  const stopping = new AbortController();
  const watches = options.hosts.map((host) => startHostWatch(host, options, stopping.signal));
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(watches.map((watch) => watch.ended));
  };
  try {
    const what = `first snapshot of the addresses of ${options.hosts.map(({ name }) => name).join(', ')}`;
    await withTimeout(what, START_TIMEOUT_MS, Promise.all(watches.map((watch) => watch.begun)));
  } catch (thrown) {
    const causes = watches.flatMap((watch) => watch.lastFailure() ?? []);
    await stop();
    const error = asError(thrown);
    throw new HoldfastError(error.message, {
      cause: causes.length === 0 ? error : new AggregateError(causes, 'hosts answered last'),
    });
  }
  return { stop };
}

interface HostWatch {
  /** Resolves with the first snapshot. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  lastFailure(): Error | undefined;
}

function startHostWatch(host: Host, options: VipWatchOptions, signal: AbortSignal): HostWatch {
  let lastFailure: Error | undefined;
  let begin: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const keepWatching = async (): Promise<void> => {
    while (!signal.aborted) {
      // A host that is off is no error here: its absence is in the record, and the next attempt finds out.
      await watchOnce(host, options, signal, () => begin?.()).catch((thrown: unknown) => {
        lastFailure = asError(thrown);
      });
      await sleep(RETRY_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  return { begun, ended: keepWatching(), lastFailure: () => lastFailure };
}

async function watchOnce(
  host: Host,
  { vip, recorder, clock }: VipWatchOptions,
  signal: AbortSignal,
  onSnapshot: () => void,
): Promise<void> {
  const stream = await host.stream(['sh', '-c', WATCH_SCRIPT], { signal });
  const view = new AddressView(vip);
  try {
    for await (const line of stream.lines) {
      for (const { epochMs, ...change } of view.read(line)) {
        recorder.append({
          type: 'vip.address',
          atMs: clock.fromEpochMs(epochMs),
          host: host.name,
          ...change,
        });
      }
      if (view.hasSnapshot) onSnapshot();
    }
    if (signal.aborted) return;
    const atMs = clock.now();
    const { reason, exitCode, stderr } = await stream.done;
    const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
    const failure = new HoldfastError(`${host.name}: address monitor ended: ${how} ${stderr}`.trim());
    if (!view.hasSnapshot) throw failure;
    if (exitCode === undefined) {
      recorder.append({ type: 'vip.address', atMs, host: host.name, present: false, source: 'lost' });
    } else {
      // The host is still there and may well hold the VIP: the next snapshot tells.
      recorder.append({ type: 'note', atMs, text: failure.message });
    }
  } finally {
    await stream.close();
  }
}
