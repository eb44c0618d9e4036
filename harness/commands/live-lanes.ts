// What a running scenario looks like now and was in the last minute, as a few lines of text: who holds the VIP, whether the API
// answers, which faults are in force and for how long still, and how long the outage has lasted. Made from the journal.
import type { FaultPrepared, JournalEvent } from '../core/record.ts';
import { spoken } from '../core/text.ts';

/** The series that speaks for the client. */
const CLIENT_SERIES = 'api-vip-new';
const CELL_MS = 1000;
const NAME_WIDTH = 24;
const CELLS_MAX = 60;

type Cell = 'good' | 'bad' | 'unknown';
const SIGNS: Readonly<Record<Cell, string>> = { good: '█', bad: '·', unknown: ' ' };

/** One line over time: what it was from a moment on, the oldest first. */
type Changes = { atMs: number; cell: Cell }[];

export class LiveLanes {
  readonly #faults = new Map<string, { prepared: FaultPrepared; injectedMs: number | undefined }>();
  readonly #holders = new Map<string, Changes>();
  readonly #api: Changes = [];
  #failingSinceMs: number | undefined;
  #latencyMs: number | undefined;
  #newestSampleMs = 0;

  see(event: JournalEvent): void {
    switch (event.type) {
      case 'vip.address':
        change(
          laneOf(this.#holders, event.host),
          event.atMs,
          event.present ? 'good' : event.source === 'lost' ? 'unknown' : 'bad',
        );
        return;
      case 'fault.prepared':
        this.#faults.set(event.id, { prepared: event, injectedMs: undefined });
        return;
      case 'fault.injected': {
        const fault = this.#faults.get(event.id);
        if (fault) fault.injectedMs = event.fromMs;
        return;
      }
      case 'fault.healed':
        this.#faults.delete(event.id);
        return;
      case 'sample':
        if (event.probe === CLIENT_SERIES) this.#seeSample(event.atMs, event.ok, event.durationMs);
        return;
      default:
        return;
    }
  }

  /** What failed arrives late, as timeouts do: it is as old as it began. */
  #seeSample(atMs: number, ok: boolean, durationMs: number): void {
    if (atMs < this.#newestSampleMs) return;
    this.#newestSampleMs = atMs;
    change(this.#api, atMs, ok ? 'good' : 'bad');
    if (ok) {
      this.#failingSinceMs = undefined;
      this.#latencyMs = durationMs;
    } else this.#failingSinceMs ??= atMs;
  }

  /** @param nowMs on the run's axis @param columns of the terminal */
  render(nowMs: number, columns: number): string[] {
    const cells = Math.max(10, Math.min(CELLS_MAX, columns - NAME_WIDTH - 28));
    const lane = (name: string, changes: Changes, told: string): string =>
      `${name.slice(0, NAME_WIDTH - 1).padEnd(NAME_WIDTH)}${strip(changes, nowMs, cells)}  ${told}`.slice(
        0,
        columns,
      );
    return [
      ...[...this.#holders]
        .toSorted(([one], [other]) => one.localeCompare(other))
        .map(([host, changes]) =>
          lane(`VIP ${host}`, changes, changes.at(-1)?.cell === 'good' ? 'holds it' : ''),
        ),
      lane('API through the VIP', this.#api, this.#apiInWords(nowMs)),
      ...[...this.#faults.values()].map((fault) => faultLine(fault, nowMs).slice(0, columns)),
    ];
  }

  #apiInWords(nowMs: number): string {
    if (this.#failingSinceMs !== undefined) return `DOWN for ${spoken(nowMs - this.#failingSinceMs)}`;
    return this.#latencyMs === undefined ? 'not asked yet' : `answers in ${this.#latencyMs.toFixed(0)} ms`;
  }
}

function faultLine(
  { prepared, injectedMs }: { readonly prepared: FaultPrepared; readonly injectedMs: number | undefined },
  nowMs: number,
): string {
  const what = `fault: ${prepared.kind} on ${prepared.target}`;
  if (injectedMs === undefined) return `${what}, being injected`;
  const forMs = nowMs - injectedMs;
  const left =
    prepared.limitMs === undefined
      ? ''
      : `, undone by itself in ${spoken(Math.max(0, prepared.limitMs - forMs))}`;
  return `${what} for ${spoken(forMs)}${left}`;
}

function laneOf(lanes: Map<string, Changes>, name: string): Changes {
  const known = lanes.get(name);
  if (known) return known;
  const fresh: Changes = [];
  lanes.set(name, fresh);
  return fresh;
}

function change(changes: Changes, atMs: number, cell: Cell): void {
  if (changes.at(-1)?.cell !== cell) changes.push({ atMs, cell });
}

/** The last cells up to now; a second in which anything was bad is bad. */
function strip(changes: Changes, nowMs: number, cells: number): string {
  return Array.from({ length: cells }, (_, index) => {
    const fromMs = nowMs - (cells - index) * CELL_MS;
    const before = changes.findLast(({ atMs }) => atMs <= fromMs)?.cell ?? 'unknown';
    const within = changes
      .filter(({ atMs }) => atMs > fromMs && atMs <= fromMs + CELL_MS)
      .map(({ cell }) => cell);
    const all = [before, ...within];
    return SIGNS[all.includes('bad') ? 'bad' : all.includes('good') ? 'good' : 'unknown'];
  }).join('');
}
