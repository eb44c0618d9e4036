// A failover's terms as clients see them: the first new connection, the connection that was kept, the first write.
import { hasVrrp } from '../core/facts.ts';
import { noticeMs } from '../core/notice.ts';
import type { ProbeDefinition } from '../core/record.ts';
import { seriesOf, type Series } from '../core/scenario-view.ts';
import { MERGE_GAP_MS, outagesOf, type Outage } from '../core/series.ts';
import { bounds } from '../core/text.ts';
import { notSeen, stampedBy, type Term } from './decomposition-term.ts';
import type { FailureView } from './decomposition-view.ts';

interface ClientTerm {
  readonly name: string;
  readonly asks: (definition: ProbeDefinition) => boolean;
}

const isPlain = ({ httpVersion, from }: ProbeDefinition): boolean =>
  httpVersion === undefined && from === undefined;

const CLIENT_TERMS: readonly ClientTerm[] = [
  {
    name: 'first new connection through the VIP',
    asks: (series) => series.capability === 'api' && series.connection === 'new' && isPlain(series),
  },
  {
    name: 'kept connection back',
    asks: (series) => series.capability === 'api' && series.connection === 'reused' && isPlain(series),
  },
  { name: 'first acknowledged write', asks: (series) => series.capability === 'api-write' },
];

/** Where the fault takes the VIP from nobody, only what had an outage. */
export function clientTerms(view: FailureView): Term[] {
  const series = seriesOf(view.record);
  const terms = CLIENT_TERMS.map((term) =>
    servedAgain(
      view,
      term.name,
      series.find(({ definition }) => term.asks(definition)),
    ),
  );
  return view.departure ? terms : terms.filter(({ moment }) => moment !== undefined);
}

function servedAgain(view: FailureView, name: string, series: Series | undefined): Term {
  if (!series) return notSeen(name, 'no series asked for it');
  const { definition } = series;
  // Counted from when the VIP is on another master. Where it is not keepalived's, nobody here knows when clients are led on.
  const allowedMs = hasVrrp(view.record.run.topology) ? noticeMs(definition) : undefined;
  const outage = outageOfFailover(view, series);
  if (!outage) {
    const why = series.samples.length === 0 ? 'has no samples' : 'saw no outage';
    return notSeen(name, `${definition.name} ${why}`, allowedMs);
  }
  const { lastFailedMs, endMs, lowerMs, upperMs } = outage;
  const lasted = `${definition.name} was down for ${bounds(lowerMs, upperMs)}`;
  const stamped = stampedBy(view.record.run.topology.observer.name, outage);
  if (endMs === undefined) {
    const detail = `${lasted} and not back at the end of the record`;
    return { name, moment: { fromMs: lastFailedMs }, stamped, detail, allowedMs };
  }
  return { name, moment: { fromMs: lastFailedMs, toMs: endMs }, stamped, detail: lasted, allowedMs };
}

/** The first outage after the deed that began before the fault was undone. */
function outageOfFailover({ deed, untilMs }: FailureView, { samples }: Series): Outage | undefined {
  return outagesOf(samples, { mergeGapMs: MERGE_GAP_MS }).find(
    ({ startMs, endMs = Infinity, uncertaintyMs = 0 }) =>
      endMs + uncertaintyMs > deed.fromMs && startMs - uncertaintyMs <= untilMs,
  );
}
