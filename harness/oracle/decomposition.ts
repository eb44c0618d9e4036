// One failover in its terms, from the holder's last word to the last pod and the way back: when each came about, and which overran.
import type { ScenarioRecord } from '../core/record.ts';
import type { Decomposition } from '../core/result.ts';
import { clientTerms } from './decomposition-clients.ts';
import { clusterTerms } from './decomposition-cluster.ts';
import { chain } from './decomposition-term.ts';
import { returnTerms } from './decomposition-return.ts';
import { failureView } from './decomposition-view.ts';
import { vipTerms } from './decomposition-vip.ts';

/**
 * The failover that a scenario's first fault set off. Every term is bounded by what was seen; one that nobody could see
 * stays in the list and says so.
 * @returns undefined when no fault was injected, or nothing failed over
 */
export function decompositionOf(record: ScenarioRecord): Decomposition | undefined {
  const view = failureView(record);
  if (!view) return undefined;
  const clients = clientTerms(view);
  const clientsBackMs = clients.findLast(({ moment }) => moment?.toMs !== undefined)?.moment?.toMs;
  const terms = [...vipTerms(view), ...clients, ...clusterTerms(view, clientsBackMs), ...returnTerms(view)];
  return terms.length === 0 ? undefined : chain(terms, view.deed);
}
