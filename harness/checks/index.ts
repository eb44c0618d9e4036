// The checks by name. To add one, write its file and add its line here.
import type { Check } from '../core/check.ts';
import { whyWithout, type Facts } from '../core/facts.ts';
import { unknownName } from '../core/suggest.ts';
import { apiOutageWithinBudget } from './api-outage-within-budget.ts';
import { acknowledgedWritesKept } from './acknowledged-writes-kept.ts';
import { baselineLoad } from './baseline-load.ts';
import { clockSteady } from './clock-steady.ts';
import { demandsKept } from './demands-kept.ts';
import { dnsAnswered } from './dns-answered.ts';
import { enoughSamples } from './enough-samples.ts';
import { everyFailoverWithinBudget } from './every-failover-within-budget.ts';
import { faultTookEffect } from './fault-took-effect.ts';
import { nodesReadyAfterwards } from './nodes-ready-afterwards.ts';
import { oneHolderAfterwards } from './one-holder-afterwards.ts';
import { onlyDeclaredFaults } from './only-declared-faults.ts';
import { outcomeAsExpected } from './outcome-as-expected.ts';
import { scenarioCompleted } from './scenario-completed.ts';
import { serviceUninterrupted } from './service-uninterrupted.ts';
import { steadyBefore } from './steady-before.ts';
import { vipHeldOnce } from './vip-held-once.ts';
import { vipMovedWithinBudget } from './vip-moved-within-budget.ts';

/** What judges every scenario, named by it or not: whether the experiment took place and was measured. */
const always: readonly Check[] = [
  scenarioCompleted,
  faultTookEffect,
  steadyBefore,
  baselineLoad,
  enoughSamples,
  clockSteady,
  onlyDeclaredFaults,
  outcomeAsExpected,
  acknowledgedWritesKept,
  vipHeldOnce,
];
const onRequest: readonly Check[] = [
  vipMovedWithinBudget,
  apiOutageWithinBudget,
  oneHolderAfterwards,
  nodesReadyAfterwards,
  demandsKept,
  serviceUninterrupted,
  everyFailoverWithinBudget,
  dnsAnswered,
];

export const CHECKS: ReadonlyMap<string, Check> = new Map(
  [...always, ...onRequest].map((check) => [check.name, check]),
);

/** The names of the checks that judge a scenario which names these: those of every scenario first, none twice. */
function checkNames(named: readonly string[]): readonly string[] {
  return [...new Set([...always.map(({ name }) => name), ...named])];
}

/** Of these and of those that judge every scenario, the ones that a cluster can be asked; and why not, of the others. */
export function applicableChecks(
  named: readonly string[],
  facts: Facts,
): { readonly names: readonly string[]; readonly without: readonly string[] } {
  const names = checkNames(named);
  const reasonOf = (name: string): string | undefined => whyWithout(facts, CHECKS.get(name)?.needs);
  return {
    names: names.filter((name) => reasonOf(name) === undefined),
    without: names.flatMap((name) => {
      const reason = reasonOf(name);
      return reason === undefined ? [] : [`Not judged: ${name}, because ${reason}.`];
    }),
  };
}

/**
 * The checks that judge a scenario which names these.
 * @throws UsageError for a name that no check has
 */
export function checksOf(named: readonly string[]): readonly Check[] {
  return checkNames(named).map((name) => {
    const check = CHECKS.get(name);
    if (check) return check;
    throw unknownName('check', name, [...CHECKS.keys()]);
  });
}
