// Names that were typed wrong: what there is, and "did you mean …".
import { UsageError } from './errors.ts';

/** "there is no check "x"; there are a, b", with the nearest as a hint. */
export function unknownName(kind: string, name: string, known: readonly string[]): UsageError {
  const meant = nearestName(name, known);
  const there = known.length === 1 ? 'there is' : 'there are';
  return new UsageError(`there is no ${kind} "${name}"; ${there} ${known.join(', ')}`, {
    ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
  });
}

/** What was typed, as one of those that there are. @throws UsageError that names them */
export function oneOf<T extends string>(known: readonly T[], kind: string, typed: string): T {
  const found = known.find((one) => one === typed);
  if (found === undefined) throw unknownName(kind, typed, known);
  return found;
}

/** The nearest candidate when it is near enough to be a slip of the fingers, else undefined. */
export function nearestName(typed: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(typed.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** Levenshtein's distance: insertions, deletions and replacements of one letter. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (to[column - 1] === from[index] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
