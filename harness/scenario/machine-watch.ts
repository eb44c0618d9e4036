// What keeps the machine busy while a scenario runs: the lab, the harness, or other work that is none of ours.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { RunClock } from '../core/clock.ts';
import type { Lab } from '../core/provider.ts';
import type { Recorder } from '../core/record.ts';
import { openCpuAccount, TICKS_PER_SECOND, type Processes } from './cpu.ts';

const WINDOW_MS = 5_000;

export interface MachineWatchOptions {
  readonly lab: Lab;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly processes: Processes;
}

/** Records a window every few seconds; nothing at all where the lab is not on this machine. */
export function startMachineWatch(options: MachineWatchOptions): { stop(): Promise<void> } {
  const { lab, processes } = options;
  if (!lab.cpuSeconds || idleSeconds() === undefined) return { stop: () => Promise.resolve() };
  let window = openWindow(lab, processes);
  // One after the other: an engine that is slow to answer makes a window longer.
  let work: Promise<void> = Promise.resolve();
  const next = (): void => {
    work = work.then(async () => {
      const ended = await window;
      window = openWindow(lab, processes);
      record(options, ended, await window);
    });
    // Without an account nothing is known of the machine; that is no reason to end a scenario.
    work = work.catch(() => undefined);
  };
  const timer = setInterval(next, WINDOW_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      next();
      await work;
    },
  };
}

interface Window {
  readonly atMs: number;
  readonly idleSeconds: number;
  readonly labSeconds: ReadonlyMap<string, number>;
  /** Closes the account of the harness's processes that this window opened; in cores. */
  readonly harnessCores: () => number;
}

async function openWindow(lab: Lab, processes: Processes): Promise<Window> {
  const labSeconds = (await lab.cpuSeconds?.()) ?? new Map<string, number>();
  const account = openCpuAccount(processes);
  return {
    atMs: performance.now(),
    idleSeconds: idleSeconds() ?? 0,
    labSeconds,
    harnessCores: () => Object.values(account.close()).reduce((sum, share) => sum + share, 0),
  };
}

function record({ recorder, clock }: MachineWatchOptions, from: Window, to: Window): void {
  const seconds = (to.atMs - from.atMs) / 1000;
  if (seconds <= 0) return;
  const count = cpus().length;
  recorder.append({
    type: 'machine',
    atMs: clock.now(),
    windowMs: to.atMs - from.atMs,
    cores: count,
    busyCores: rounded(Math.max(0, count - (to.idleSeconds - from.idleSeconds) / seconds)),
    labCores: rounded(usedSince(from.labSeconds, to.labSeconds) / seconds),
    harnessCores: rounded(from.harnessCores()),
  });
}

/** A host that was switched off and on counts anew. */
function usedSince(from: ReadonlyMap<string, number>, to: ReadonlyMap<string, number>): number {
  return [...to].reduce((sum, [name, now]) => {
    const before = from.get(name) ?? 0;
    return sum + (now >= before ? now - before : now);
  }, 0);
}

/**
 * Of all cores together, from /proc/stat (proc(5)): time in which they had nothing to do. What is left of the time that passed
 * somebody had: a process here, or whoever shares the hardware, of whom a virtual machine is not always told as "steal".
 * Undefined where there is no such file.
 */
function idleSeconds(): number | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
    const [, , , idle = 0, ioWait = 0] = line.trim().split(/\s+/).slice(1).map(Number);
    return (idle + ioWait) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

function rounded(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}
