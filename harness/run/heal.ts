// Heals, from the journal alone, what a scenario's process left in force when it died.
import type { RunClock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { readRunSince } from '../core/journal.ts';
import type { Lab } from '../core/provider.ts';
import type { FaultPrepared, JournalEvent, Recorder } from '../core/record.ts';
import { withTimeout } from '../core/wait.ts';
import { healFault } from '../scenario/injections.ts';

const HEAL_TIMEOUT_MS = 90_000;

/** Faults that were prepared and are not known to be healed, newest first. Pure. */
export function unhealedFaults(events: readonly JournalEvent[]): readonly FaultPrepared[] {
  const healed = new Set(events.filter((event) => event.type === 'fault.healed').map((event) => event.id));
  return events
    .filter((event) => event.type === 'fault.prepared')
    .filter((event) => !healed.has(event.id))
    .reverse();
}

/**
 * Heals each; one that fails does not keep the others from being healed. Throws all failures together.
 * @param fromByte where in the journal to begin; what was prepared before has been healed before
 */
export async function healWhatIsLeft(
  lab: Lab,
  journalPath: string,
  recorder: Recorder,
  clock: RunClock,
  fromByte = 0,
): Promise<void> {
  const errors: Error[] = [];
  for (const fault of unhealedFaults(readRunSince(journalPath, fromByte).events)) {
    const what = `healing ${fault.kind} on ${fault.target}`;
    try {
      await withTimeout(what, HEAL_TIMEOUT_MS, healFault(lab, recorder, clock, fault, 'harness'));
    } catch (thrown) {
      errors.push(new Error(`${what} failed`, { cause: asError(thrown) }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'not everything could be healed');
}
