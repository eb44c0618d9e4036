// Faults in force: the undo is on record before the deed, the evidence after it, the heal whatever happens.
import { randomBytes } from 'node:crypto';
import type { RunClock } from '../core/clock.ts';
import { asError, EnvironmentError, HoldfastError } from '../core/errors.ts';
import type { Fault, FaultCall, FaultParams } from '../core/fault.ts';
import type { Lab } from '../core/provider.ts';
import type { FaultPrepared, JournalEvent, Recorder } from '../core/record.ts';
import { Scope } from '../core/scope.ts';
import { faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';
import type { Intended } from '../safety/refusals.ts';
import { requireAllowed, requireUndoable, type Safety } from './safeguard.ts';

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
  readonly #safety: Safety;
  readonly #scope = new Scope();
  /** By their ids: in force, or on the way. */
  readonly #standing = new Map<string, Intended>();
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(lab: Lab, recorder: Recorder, clock: RunClock, safety: Safety) {
    this.#lab = lab;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#safety = safety;
  }

  /**
   * @throws UsageError for a fault or parameter that does not exist, or that nobody has allowed; EnvironmentError where it
   * cannot or must not be done. Then nothing was touched.
   */
  async inject(wanted: Wanted): Promise<Injection> {
    const injecting = this.#inject(wanted);
    this.#underWay.add(injecting);
    try {
      return await injecting;
    } finally {
      this.#underWay.delete(injecting);
    }
  }

  async #inject({ kind, targets, params: given, limitMs }: Wanted): Promise<Injection> {
    const askedMs = this.#clock.now();
    const fault = faultNamed(kind);
    const params = completeParams(fault, given);
    const id = `${kind}-${randomBytes(4).toString('hex')}`;
    const { topology } = this.#lab.descriptor;
    const call: FaultCall = { lab: this.#lab, topology, id, targets, params, limitMs };
    const effect = fault.effect(call);
    const target = targets.join(',');
    const intended: Intended = { kind, targets, effect, deeds: fault.preview?.(call) };
    await this.#admit(fault, call, intended);
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
    if (this.#isClosed) await this.#undoLate({ id, kind, target, params, limitMs });
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

  /** Heals all that is still in force, at once; returns what could not be healed. From then on nothing can be injected. */
  async healAll(): Promise<readonly Error[]> {
    this.#isClosed = true;
    const errors = await this.#scope.close();
    // What was on its way meanwhile undoes itself when it sees that it is too late.
    await Promise.allSettled(this.#underWay);
    return errors;
  }

  /** Decides before anything is touched, and from then on counts the fault among those that stand. */
  async #admit(fault: Fault, call: FaultCall, intended: Intended): Promise<void> {
    const { id, targets } = call;
    const guarded = { ...this.#safety, lab: this.#lab, standing: [...this.#standing.values()] };
    try {
      this.#requireOpen(intended.kind);
      requireAllowed(intended, guarded);
      this.#standing.set(id, intended);
      const reason = await fault.unavailable?.(call);
      if (reason !== undefined)
        throw new EnvironmentError(`${fault.name} cannot be injected here: ${reason}`);
      await requireUndoable(intended, guarded);
      this.#requireOpen(intended.kind);
    } catch (thrown) {
      this.#standing.delete(id);
      const told = { kind: fault.name, target: targets.join(','), reason: asError(thrown).message };
      this.#record({ type: 'fault.refused', atMs: this.#clock.now(), ...told });
      throw thrown;
    }
  }

  #requireOpen(kind: string): void {
    if (this.#isClosed) throw new HoldfastError(`${kind} comes too late: everything is healed already`);
  }

  /** The undo ran before the deed was done: it is run again, and nobody goes on as if the fault stood. */
  async #undoLate(fault: Prepared): Promise<void> {
    await healFault(this.#lab, this.#recorder, this.#clock, fault, 'scenario');
    this.#requireOpen(fault.kind);
  }

  #healOnce(fault: Prepared): () => Promise<void> {
    let healed: Promise<void> | undefined;
    const heal = async (): Promise<void> => {
      try {
        await healFault(this.#lab, this.#recorder, this.#clock, fault, 'scenario');
        this.#standing.delete(fault.id);
      } catch (thrown) {
        // Who asks again, at the scenario's end at the latest, may find the host's network back.
        healed = undefined;
        throw thrown;
      }
    };
    return () => (healed ??= heal());
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
