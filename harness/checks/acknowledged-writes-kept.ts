// Is every write there that the API acknowledged, once and in its place? What was said to be written is what a client
// builds on; that a write failed, or that nobody can say, is no breach of a promise.
import type { Check, Judgement } from '../core/check.ts';
import { accountOf, appendsOf, ledgerReadOf, type Append, type LedgerAccount } from '../core/ledger.ts';
import type { LedgerRead, ScenarioRecord } from '../core/record.ts';
import { faultCourses } from '../core/scenario-view.ts';
import { count, sentences } from '../core/text.ts';
import type { Verdict } from '../core/verdict.ts';

const limit = 'every acknowledged record there, none twice, none out of order; no refused one there';

export const acknowledgedWritesKept: Check = {
  name: 'acknowledged-writes-kept',
  question: 'Is every write that the API acknowledged there afterwards, once and in order?',
  judge(record) {
    const appends = appendsOf(record);
    if (appends.length === 0) return inconclusive('No record was appended to the ledger.');
    const read = ledgerReadOf(record);
    if (!read) return inconclusive('The ledger was never read back: nobody knows what was kept.');

    const account = accountOf(appends, read);
    // Then no record can be told from the other of its number, and whatever is found means nothing.
    const doubled = found(account.repeated, 'whose number another record has too');
    if (doubled.length > 0) return { verdict: 'invalid', limit, explanation: sentences(doubled) };
    const breaches = breachesIn(account);
    const measured = {
      value: account.lost.length,
      unit: `of ${count(account.acknowledged.length, 'acknowledged record')} lost`,
    };
    const answer = (verdict: Verdict, explanation: string): Judgement => ({
      verdict,
      measured,
      limit,
      explanation,
    });
    if (breaches.length > 0) return answer('fail', sentences(breaches));
    const unsent = found(account.unsentKept, 'never sent by the account of the writer, and there');
    if (unsent.length > 0) return answer('invalid', sentences(unsent));
    const doubts = doubtsAbout(record, account, read);
    if (doubts.length > 0) return answer('inconclusive', sentences(doubts));
    return answer('pass', describe(account, read));
  },
};

function inconclusive(explanation: string): Judgement {
  return { verdict: 'inconclusive', limit, explanation };
}

/** What the store or the API did that it must not do. */
function breachesIn({ lost, duplicated, reordered, refusedKept }: LedgerAccount): string[] {
  return [
    ...found(lost, 'acknowledged and not there'),
    ...found(duplicated, 'there more than once'),
    ...found(reordered, 'out of order'),
    ...found(refusedKept, 'refused by the server, and written all the same'),
  ];
}

function doubtsAbout(
  record: ScenarioRecord,
  { acknowledged, unaccounted }: LedgerAccount,
  read: LedgerRead,
): string[] {
  const faults = faultCourses(record);
  const struckMs = Math.min(...faults.map(({ injected }) => injected?.fromMs ?? Infinity));
  const overMs = Math.max(
    ...faults.map(({ injected, healed }) => healed?.atMs ?? injected?.toMs ?? -Infinity),
  );
  const isBefore = ({ endedMs }: Append): boolean => endedMs < struckMs;
  const late = acknowledged.filter(({ endedMs }) => endedMs >= read.atMs);
  return [
    ...(acknowledged.some(isBefore)
      ? []
      : ['No record was acknowledged before the fault: there was nothing to keep']),
    ...(read.atMs > overMs ? [] : ['The ledger was read back before the fault was over']),
    ...(late.length > 0
      ? [`${count(late.length, 'record')} acknowledged after the ledger was read back`]
      : []),
    ...found(unaccounted, 'without an outcome in the record of the run'),
  ];
}

const NAMED = 3;

/** "2 records acknowledged and not there: record 17 (k1), record 18 (k2)", the first few of them by name. */
function found(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return [`${count(names.length, 'record')} ${what}: ${names.slice(0, NAMED).join('; ')}${more}`];
}

function describe(
  { acknowledged, refused, indeterminate, indeterminateKept }: LedgerAccount,
  { host }: LedgerRead,
): string {
  const kept = `Each of ${count(acknowledged.length, 'acknowledged record')} is there, as read back from ${host}.`;
  const others = `Refused: ${refused.length}, none of them there; without a clear answer: ${indeterminate.length}, of which ${indeterminateKept} are there.`;
  return `${kept} ${others}`;
}
