// Faults in force: the undo is on record before the deed, the evidence after it, the heal whatever happens.
import { randomUUID } from 'node:crypto';
import type { RunClock } from '../core/clock.ts';
import type { Lab } from '../core/provider.ts';
import type { FaultPrepared, JournalEvent, Recorder } from '../core/record.ts';
import { Scope } from '../core/scope.ts';
import { faultNamed } from '../faults/index.ts';

const HEAL_TIMEOUT_MS = 90_000;

export interface Injection {
  readonly id: string;
  /** Idempotent. */
  heal(): Promise<void>;
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

  async inject(kind: string, target: string): Promise<Injection> {
    const fault = faultNamed(kind);
    const id = randomUUID();
    const params = {};
    const effect = fault.effect(target, params);
    this.#record({ type: 'fault.prepared', atMs: this.#clock.now(), id, kind, target, params, effect });
    const heal = this.#healOnce(id, kind, target);
    this.#scope.push({ name: `healing ${kind} on ${target}`, timeoutMs: HEAL_TIMEOUT_MS, undo: heal });

    const deed = await fault.inject(this.#lab, target, params);
    this.#record({
      type: 'fault.injected',
      atMs: this.#clock.now(),
      id,
      fromMs: this.#clock.fromMonotonicNs(deed.fromNs),
      toMs: this.#clock.fromMonotonicNs(deed.toNs),
    });
    const evidence = await fault.evidence(this.#lab, target, params);
    this.#record({ type: 'fault.evidence', atMs: this.#clock.now(), id, evidence });
    return { id, heal };
  }

  /** Heals all that is still in force; returns what could not be healed. */
  async healAll(): Promise<readonly Error[]> {
    return this.#scope.close();
  }

  #healOnce(id: string, kind: string, target: string): () => Promise<void> {
    let healed: Promise<void> | undefined;
    return () =>
      (healed ??= healFault(
        this.#lab,
        this.#recorder,
        this.#clock,
        { id, kind, target, params: {} },
        'scenario',
      ));
  }

  #record(event: JournalEvent): void {
    this.#recorder.append(event);
  }
}

/** Undoes one fault from its journal entry alone, so that any process can. */
export async function healFault(
  lab: Lab,
  recorder: Recorder,
  clock: RunClock,
  fault: Pick<FaultPrepared, 'id' | 'kind' | 'target' | 'params'>,
  by: 'scenario' | 'harness',
): Promise<void> {
  const fromMs = clock.now();
  await faultNamed(fault.kind).heal(lab, fault.target, fault.params);
  recorder.append({ type: 'fault.healed', fromMs, atMs: clock.now(), id: fault.id, by });
}
