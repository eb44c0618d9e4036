// Faults in force: the undo is on record before the deed, the evidence after it, the heal whatever happens.
import { randomBytes } from 'node:crypto';
import type { RunClock } from '../core/clock.ts';
import { EnvironmentError } from '../core/errors.ts';
import type { FaultCall, FaultParams } from '../core/fault.ts';
import type { Lab } from '../core/provider.ts';
import type { FaultPrepared, JournalEvent, Recorder } from '../core/record.ts';
import { Scope } from '../core/scope.ts';
import { faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';

const HEAL_TIMEOUT_MS = 90_000;
/** Of faults whose record does not say: the longest that a scenario of that time took. */
const OLD_LIMIT_MS = 300_000;

export interface Injection {
  readonly id: string;
  /** The hosts that it struck. */
  readonly targets: readonly string[];
  /** From when it was asked for until it took effect. */
  readonly leadMs: number;
  /** Idempotent. */
  heal(): Promise<void>;
}

export interface Wanted {
  readonly kind: string;
  /** Names of hosts. */
  readonly targets: readonly string[];
  readonly params: FaultParams;
  readonly limitMs: number;
}

export class Injections {
  readonly #lab: Lab;
  readonly #recorder: Recorder;
  readonly #clock: RunClock;
  readonly #scope = new Scope();

  constructor(lab: Lab, recorder: Recorder, clock: RunClock) {
    this.#lab = lab;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /**
   * @throws UsageError for a fault or parameter that does not exist; EnvironmentError where it cannot be done. Then nothing
   * was touched.
   */
  async inject({ kind, targets, params: given, limitMs }: Wanted): Promise<Injection> {
    const askedMs = this.#clock.now();
    const fault = faultNamed(kind);
    const params = completeParams(fault, given);
    const id = `${kind}-${randomBytes(4).toString('hex')}`;
    const { topology } = this.#lab.descriptor;
    const call: FaultCall = { lab: this.#lab, topology, id, targets, params, limitMs };
    const reason = await fault.unavailable?.(call);
    if (reason !== undefined) throw new EnvironmentError(`${kind} cannot be injected here: ${reason}`);
    const effect = fault.effect(call);
    const target = targets.join(',');
    this.#record({
      type: 'fault.prepared',
      atMs: this.#clock.now(),
      id,
      kind,
      target,
      params,
      limitMs,
      effect,
    });
    const heal = this.#healOnce({ id, kind, target, params, limitMs });
    this.#scope.push({ name: `healing ${kind} on ${target}`, timeoutMs: HEAL_TIMEOUT_MS, undo: heal });

    const deed = await fault.inject(call);
    const struckMs = this.#clock.fromMonotonicNs(deed.fromNs);
    this.#record({
      type: 'fault.injected',
      atMs: this.#clock.now(),
      id,
      fromMs: struckMs,
      toMs: this.#clock.fromMonotonicNs(deed.toNs),
    });
    const evidence = await fault.evidence(call);
    this.#record({ type: 'fault.evidence', atMs: this.#clock.now(), id, evidence });
    return { id, targets, leadMs: struckMs - askedMs, heal };
  }

  /** Heals all that is still in force; returns what could not be healed. */
  async healAll(): Promise<readonly Error[]> {
    return this.#scope.close();
  }

  #healOnce(fault: Prepared): () => Promise<void> {
    let healed: Promise<void> | undefined;
    return () => (healed ??= healFault(this.#lab, this.#recorder, this.#clock, fault, 'scenario'));
  }

  #record(event: JournalEvent): void {
    this.#recorder.append(event);
  }
}

type Prepared = Pick<FaultPrepared, 'id' | 'kind' | 'target' | 'params' | 'limitMs'>;

/** Undoes one fault from its journal entry alone, so that any process can. */
export async function healFault(
  lab: Lab,
  recorder: Recorder,
  clock: RunClock,
  { id, kind, target, params, limitMs = OLD_LIMIT_MS }: Prepared,
  by: 'scenario' | 'harness',
): Promise<void> {
  const { topology } = lab.descriptor;
  const fromMs = clock.now();
  await faultNamed(kind).heal({ lab, topology, id, targets: target.split(','), params, limitMs });
  recorder.append({ type: 'fault.healed', fromMs, atMs: clock.now(), id, by });
}
