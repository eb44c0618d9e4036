// The prober's account of itself, window by window: how far its samples can be trusted.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { NoiseLine } from '../protocol.ts';

const EVENT_LOOP_RESOLUTION_MS = 20;

export class NoiseMeter {
  readonly #eventLoopDelay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  #startNs = process.hrtime.bigint();
  #cpu = process.cpuUsage();
  #machine = machineCpu();
  #clocks = readClocks();
  #latenessMs: number[] = [];
  #lost = 0;

  constructor() {
    this.#eventLoopDelay.enable();
  }

  observe(lateMs: number, lost: number): void {
    this.#latenessMs.push(lateMs);
    this.#lost += lost;
  }

  /** The window since the last call, which begins the next one. */
  take(): NoiseLine {
    const nowNs = process.hrtime.bigint();
    const windowMs = Number(nowNs - this.#startNs) / 1e6;
    const cpu = process.cpuUsage(this.#cpu);
    const machine = machineCpu();
    const clocks = readClocks();
    const lateness = this.#latenessMs.sort((a, b) => a - b);
    const line: NoiseLine = {
      t: String(nowNs),
      noise: {
        windowMs: round(windowMs),
        latenessMsP99: round(lateness[Math.ceil(lateness.length * 0.99) - 1] ?? 0),
        latenessMsMax: round(lateness.at(-1) ?? 0),
        // The monitor's readings include the pause between two of its own looks.
        eventLoopStallMsMax: round(Math.max(0, this.#eventLoopDelay.max / 1e6 - EVENT_LOOP_RESOLUTION_MS)),
        lost: this.#lost,
        proberCpuShare: round((cpu.user + cpu.system) / 1000 / windowMs),
        stealShare: round(shareOf(machine.steal - this.#machine.steal, machine.total - this.#machine.total)),
        wallClockStepMs: wallClockStepMs(this.#clocks, clocks),
        residentMiB: round(process.memoryUsage.rss() / 2 ** 20),
      },
    };
    this.#eventLoopDelay.reset();
    this.#startNs = nowNs;
    this.#cpu = process.cpuUsage();
    this.#machine = machine;
    this.#clocks = clocks;
    this.#latenessMs = [];
    this.#lost = 0;
    return line;
  }
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Both clocks at one moment, in ms. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * How far the wall clock ran ahead of the monotonic one between two readings, in whole ms: 0 unless somebody set it.
 * Date.now() has no fractions, so that a difference of 1 may be none.
 */
export function wallClockStepMs(from: ClockReading, to: ClockReading): number {
  const stepMs = to.wallMs - from.wallMs - (to.monotonicMs - from.monotonicMs);
  return Math.abs(stepMs) <= 1 ? 0 : Math.round(stepMs);
}

function readClocks(): ClockReading {
  return { wallMs: Date.now(), monotonicMs: Number(process.hrtime.bigint()) / 1e6 };
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Clock ticks of all cores together, from the first line of /proc/stat (proc(5)); zeros where there is none. */
function machineCpu(): { readonly steal: number; readonly total: number } {
  let line: string | undefined;
  try {
    [line] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  } catch {
    return { steal: 0, total: 0 };
  }
  // user nice system idle iowait irq softirq steal; what follows (guest) is contained in user.
  const ticks = (line ?? '').trim().split(/\s+/).slice(1, 9).map(Number);
  return { steal: ticks[7] ?? 0, total: ticks.reduce((sum, one) => sum + one, 0) };
}
