// Was the cluster restored? The fingerprints before and after a scenario, compared part by part.
import type { FingerprintTaken, ScenarioRecord } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import type { Cleanliness } from '../core/verdict.ts';

export interface FingerprintComparison {
  readonly cleanliness: Cleanliness;
  /** One line for each part that differs, with what appeared and what went. */
  readonly differences: readonly string[];
}

export function compareFingerprints({ events }: ScenarioRecord): FingerprintComparison {
  const taken = eventsOfType(events, 'fingerprint');
  const before = taken.find(({ when }) => when === 'before');
  const after = taken.findLast(({ when }) => when === 'after');
  if (!before || !after) {
    const missing = before ? 'after' : 'before';
    return {
      cleanliness: 'unknown',
      differences: [`No fingerprint was taken ${missing} the scenario: what it left behind is not known.`],
    };
  }
  const parts = [...new Set([...Object.keys(before.parts), ...Object.keys(after.parts)])];
  const differences = parts.flatMap((part) => differenceIn(part, before, after));
  return { cleanliness: differences.length === 0 ? 'clean' : 'dirty', differences };
}

function differenceIn(part: string, before: FingerprintTaken, after: FingerprintTaken): string[] {
  const [was, is] = [linesOf(before.parts[part]), linesOf(after.parts[part])];
  if (was.join('\n') === is.join('\n')) return [];
  const appeared = is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`);
  const gone = was.filter((line) => !is.includes(line)).map((line) => `- ${line}`);
  const changes = [...gone, ...appeared];
  return [`Left behind: ${part} differs: ${changes.length === 0 ? 'in its order' : changes.join('; ')}`];
}

function linesOf(text: string | undefined): string[] {
  return text === undefined ? ['(not taken)'] : text.split('\n');
}
