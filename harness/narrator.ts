// Tells a running scenario in a few lines, from its journal: what a person at the terminal wants to see as it happens.
import type { JournalEvent, Sample } from './core/record.ts';

/** The series that speaks for the client. */
const CLIENT_SERIES = 'api-vip-new';

export class Narrator {
  readonly #faults = new Map<string, string>();
  #failingSinceMs: number | undefined;
  /** Start of the newest good sample: what failed before it arrives late, as timeouts do, and is old news. */
  #goodAtMs = 0;
  #startedAtMs = 0;

  /** What the event means to a reader, or undefined when it is one of many. */
  tell(event: JournalEvent): string | undefined {
    const text = this.#describe(event);
    // A fault is told at the moment from which it may have been in force, not at the one when that was certain.
    const atMs = event.type === 'fault.injected' ? event.fromMs : event.atMs;
    return text === undefined ? undefined : `${this.#at(atMs)} ${text}`;
  }

  #describe(event: JournalEvent): string | undefined {
    switch (event.type) {
      case 'scenario.started':
        this.#startedAtMs = event.atMs;
        this.#failingSinceMs = undefined;
        this.#goodAtMs = event.atMs;
        return undefined;
      case 'steady':
        return event.ok ? `steady ${event.when}` : `not steady ${event.when}: ${event.findings.join('; ')}`;
      case 'probes.started':
        return `${event.probes.length} series are being probed`;
      case 'fault.prepared':
        this.#faults.set(event.id, `${event.kind} on ${event.target}`);
        return undefined;
      case 'fault.injected':
        return `fault: ${this.#faults.get(event.id) ?? event.id}`;
      case 'fault.evidence':
        return event.evidence.every((one) => one.holds)
          ? 'the fault took effect'
          : 'the fault did NOT take effect';
      case 'fault.healed':
        return `healed: ${this.#faults.get(event.id) ?? event.id}`;
      case 'vip.address':
        return event.source === 'event' ? `VIP ${event.present ? 'on' : 'left'} ${event.host}` : undefined;
      case 'sample':
        return this.#describeSample(event);
      case 'note':
        return event.text;
      case 'scenario.finished':
        if (event.unavailable !== undefined) return `unavailable here: ${event.unavailable}`;
        return event.error === undefined ? undefined : `ended early: ${event.error.split('\n')[0] ?? ''}`;
      default:
        return undefined;
    }
  }

  #describeSample(sample: Sample): string | undefined {
    if (sample.probe !== CLIENT_SERIES) return undefined;
    if (sample.atMs < Math.max(this.#goodAtMs, this.#failingSinceMs ?? 0)) return undefined;
    if (!sample.ok) {
      if (this.#failingSinceMs !== undefined) return undefined;
      this.#failingSinceMs = sample.atMs;
      return `API through the VIP: ${sample.failure ?? 'failing'}`;
    }
    this.#goodAtMs = sample.atMs;
    if (this.#failingSinceMs === undefined) return undefined;
    const awayMs = Math.round(sample.atMs - this.#failingSinceMs);
    this.#failingSinceMs = undefined;
    return `API through the VIP: back after about ${awayMs} ms`;
  }

  #at(atMs: number): string {
    return `+${((atMs - this.#startedAtMs) / 1000).toFixed(2).padStart(6)} s`;
  }
}
