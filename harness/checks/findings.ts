// What a run says about the design: its weaknesses as they can be read off, and what the fault showed of them.
import type { ScenarioRecord } from '../core/record.ts';
import { eventsOfType, seriesOf } from '../core/scenario-view.ts';
import { MERGE_GAP_MS, outagesOf } from '../core/series.ts';
import { bounds, ms } from '../core/text.ts';
import { arpTimelineOf, certainVipTimelineOf } from '../core/vip-view.ts';
import { bySeverity, lintTopology } from '../oracle/lint.ts';
import { lintInstances } from '../oracle/lint-keepalived.ts';
import type { Foreseen } from '../oracle/expectations.ts';
import { capabilityOf, clause } from './comparison.ts';
import { faultSpans, type FaultSpan } from './fault-spans.ts';

/** One sentence each: first what this scenario proved, with its measure, then what the configuration alone tells. */
export function findingsOf(record: ScenarioRecord): readonly string[] {
  const spans = faultSpans(record);
  const proven = 'unknown' in spans ? [] : spans.flatMap((span) => provenIn(record, span));
  return [...new Set([...proven, ...keptToLastHolder(record), ...staticFindings(record)])];
}

/** Longer than gratuitous ARP takes that is sent when the VIP moves, and its repetition. */
const STALE_MS = 2_000;

/** A holder that comes out of a split as such has nothing to announce; who sent to the other goes on sending there. */
function keptToLastHolder(record: ScenarioRecord): string[] {
  const lostMs = arpTimelineOf(record)?.misledMs.lowerMs ?? 0;
  const why = whyMisled(record);
  const client =
    lostMs < STALE_MS
      ? []
      : [
          `A client sent to a master that no longer held the VIP for ${ms(lostMs)}, while another one did: ${why}`,
        ];
  const hosts = eventsOfType(record.events, 'vip.misled').map(
    ({ hosts: misled, holder, forMs }) =>
      `${misled.join(', ')} sent to a master that no longer held the VIP, while ${holder} alone did, for ${ms(forMs)} and more, ` +
      `until holdfast took the ARP entries away: ${why}`,
  );
  return [...client, ...hosts];
}

function whyMisled({ run: { topology } }: ScenarioRecord): string {
  const { garpMasterRefreshS = 0 } = topology.keepalived;
  return garpMasterRefreshS === 0
    ? 'nothing told of the change. keepalived can repeat its gratuitous ARP (garp_master_refresh; by default it does not).'
    : `the gratuitous ARP that is repeated every ${garpMasterRefreshS} s (garp_master_refresh) came too late for that.`;
}

function staticFindings({ run, events }: ScenarioRecord): string[] {
  const instances = eventsOfType(events, 'vrrp.configured').at(-1)?.instances ?? [];
  return bySeverity([...lintTopology(run.topology), ...lintInstances(instances)])
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, what, consequence }) => `Design ${severity}: ${what}: ${consequence}.`);
}

const PROVABLE: ReadonlyMap<string, string> = new Map([
  ['api-write', 'Writes'],
  ['api-read', 'Reads with quorum'],
  ['api', 'Requests to the API'],
]);

/** What had to fail did fail, and for how long. */
function provenIn(record: ScenarioRecord, span: FaultSpan): string[] {
  const broken = span.foreseen.filter(({ settled }) => settled === false);
  return broken.flatMap((foreseen) => {
    if (foreseen.capability === 'vip-unique') return heldTwice(record, foreseen, span);
    const what = PROVABLE.get(foreseen.capability);
    return what === undefined ? [] : outageOf(what, record, foreseen, span);
  });
}

/** The longest outage of the capability that began while the fault stood, healing and recovery included. */
function outageOf(what: string, record: ScenarioRecord, foreseen: Foreseen, span: FaultSpan): string[] {
  const outages = seriesOf(record)
    .filter(({ definition }) => capabilityOf(definition) === foreseen.capability)
    .flatMap(({ samples }) => outagesOf(samples, { mergeGapMs: MERGE_GAP_MS }))
    .filter(({ startMs, lastFailedMs }) => startMs <= span.untilMs && lastFailedMs >= span.fromMs);
  const longest = outages.toSorted((one, other) => other.lowerMs - one.lowerMs)[0];
  if (!longest) return [];
  return [
    `${what} failed for ${bounds(longest.lowerMs, longest.upperMs)}, because ${clause(foreseen.reason)}.`,
  ];
}

function heldTwice(record: ScenarioRecord, foreseen: Foreseen, span: FaultSpan): string[] {
  const twiceMs = certainVipTimelineOf(record)
    .stretches.filter(({ holders, toMs }) => holders.length > 1 && toMs > span.fromMs)
    .reduce((sum, { fromMs, toMs }) => sum + toMs - Math.max(fromMs, span.fromMs), 0);
  return twiceMs > 0 ? [`The VIP was held twice for ${ms(twiceMs)}: ${clause(foreseen.reason)}.`] : [];
}
