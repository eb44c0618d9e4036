// One expectation beside one measurement: as expected, against it, or not to be told.
import { noticeMs } from '../core/notice.ts';
import type { FailureKind, ProbeDefinition } from '../core/record.ts';
import type { Series } from '../core/scenario-view.ts';
import { MERGE_GAP_MS, outagesOf, type Outage } from '../core/series.ts';
import { bounds, count, ms } from '../core/text.ts';
import { judgeAtMost, worstVerdict, type Verdict } from '../core/verdict.ts';
import type { Foreseen } from '../oracle/expectations.ts';
import type { FaultSpan } from './fault-spans.ts';
import { unlessStarved } from './machine.ts';

export interface Comparison {
  readonly capability: string;
  /** undefined: the expectation was not put to the test; `text` says why. */
  readonly verdict: Verdict | undefined;
  /** One clause, without a full stop. */
  readonly text: string;
}

/** Which expectation a series measures. */
export function capabilityOf({ capability, url, host, from }: ProbeDefinition): string | undefined {
  switch (capability) {
    case 'api':
    case 'api-write':
    case 'api-watch':
      return capability;
    case 'api-read':
      return url.includes('resourceVersion=0') ? 'api-read-cached' : 'api-read';
    case 'apiserver':
    case 'etcd':
      return host === undefined ? undefined : `${capability} ${host}`;
    case 'service':
      if (from !== undefined) return `service-from ${from}`;
      return host === undefined ? undefined : `service ${host}`;
    case 'dns':
      return from === undefined ? undefined : `dns-from ${from}`;
    case 'control':
      return undefined;
  }
}

export function compareSeries(series: Series, foreseen: Foreseen, span: FaultSpan): Comparison {
  const { capability, settled } = foreseen;
  const { name } = series.definition;
  const verdict = undefined;
  if (settled === undefined) return { capability, verdict, text: `${name} may fail until healed` };
  return settled ? compareWorking(series, foreseen, span) : compareFailing(series, foreseen, span);
}

/** Whatever answers although it cannot is a lie: of the probe, of the fault or of the oracle. */
function compareFailing({ definition, samples }: Series, foreseen: Foreseen, span: FaultSpan): Comparison {
  const { capability, reason, transitionMs } = foreseen;
  const { name } = definition;
  const fromMs = span.toMs + transitionMs;
  const judged = samples.filter(
    ({ atMs, durationMs, uncertaintyMs = 0 }) =>
      atMs - uncertaintyMs >= fromMs && atMs + durationMs + uncertaintyMs <= span.untilMs,
  );
  if (judged.length === 0 && definition.from === undefined) {
    return { capability, verdict: undefined, text: `${name} was not asked while the fault stood` };
  }
  const good = judged.filter(({ ok }) => ok);
  const [first] = good;
  if (first) {
    const what = definition.task === 'append' ? 'acknowledged a write' : 'answered';
    const when = `${ms(first.atMs - span.toMs)} after the fault`;
    const times = good.length > 1 ? `, and ${count(good.length - 1, 'time')} more` : '';
    return {
      capability,
      verdict: 'fail',
      text: `${name} ${what} ${when}${times}, where it cannot: ${clause(reason)}`,
    };
  }
  return { capability, verdict: 'pass', text: `${name} failed, as it must` };
}

function compareWorking(series: Series, foreseen: Foreseen, span: FaultSpan): Comparison {
  const { definition, samples } = series;
  const { capability } = foreseen;
  if (!samples.some(({ atMs }) => atMs >= span.toMs && atMs <= span.untilMs)) {
    return {
      capability,
      verdict: 'inconclusive',
      text: `${definition.name} was not asked while the fault stood`,
    };
  }
  const outages = outagesOf(samples, { mergeGapMs: MERGE_GAP_MS }).filter(
    ({ startMs, lastFailedMs, uncertaintyMs = 0 }) =>
      lastFailedMs + uncertaintyMs >= span.fromMs && startMs - uncertaintyMs <= span.untilMs,
  );
  const judged = outages.map((outage) => judgeOutage(outage, definition, foreseen, span));
  if (judged.length === 0) return { capability, verdict: 'pass', text: `${definition.name} never failed` };
  const verdict = worstVerdict(judged.map((one) => one.verdict));
  const worst = judged.find((one) => one.verdict === verdict);
  const why = verdict === 'pass' ? '' : `: ${clause(foreseen.reason)}`;
  return { capability, verdict, text: `${definition.name} ${worst?.text ?? 'failed'}${why}` };
}

/**
 * Before the settled state is due, an outage counts from the deed. After it, and where nothing may fail at all, it counts
 * by its own length, and a client that asks again within its timeout is none the wiser.
 */
function judgeOutage(
  outage: Outage,
  definition: ProbeDefinition,
  { transitionMs }: Foreseen,
  { fromMs, toMs, untilMs, starved }: FaultSpan,
): { readonly verdict: Verdict; readonly text: string } {
  const { startMs, lastFailedMs, endMs = Infinity, failureKinds, uncertaintyMs = 0 } = outage;
  const limitMs = transitionMs === 0 ? 0 : transitionMs + noticeMs(definition);
  const lastMs = Math.min(lastFailedMs, untilMs);
  const kinds = kindsInWords(failureKinds);
  if (transitionMs > 0 && startMs - uncertaintyMs <= toMs + limitMs) {
    // The deed by the harness's clock, the samples by the sampler's.
    const measured = {
      lowerMs: Math.max(0, lastMs - toMs - uncertaintyMs),
      upperMs: endMs - fromMs + uncertaintyMs,
    };
    const told = endMs === Infinity ? undefined : measured.upperMs;
    const text = `was served again ${bounds(measured.lowerMs, told)} after the fault, where ${ms(limitMs)} are allowed (${kinds})`;
    // A fault that was healed sooner does not say what would have become of it.
    const isOpen = untilMs - toMs < limitMs && measured.lowerMs <= limitMs;
    const verdict = unlessStarved(judgeAtMost(measured, limitMs), starved, { fromMs, toMs: lastMs });
    return { verdict: isOpen ? 'pass' : verdict, text };
  }
  const beganMs = Math.max(startMs, fromMs);
  const measured = { lowerMs: Math.max(0, lastMs - beganMs), upperMs: outage.upperMs ?? Infinity };
  const text = `was down for ${bounds(measured.lowerMs, outage.upperMs)} from ${ms(startMs - fromMs)} after the fault (${kinds})`;
  const verdict = judgeAtMost(measured, definition.timeoutMs);
  return { verdict: unlessStarved(verdict, starved, { fromMs: startMs, toMs: lastMs }), text };
}

function kindsInWords(kinds: ReadonlyMap<FailureKind, number>): string {
  return [...kinds].map(([kind, failures]) => `${kind} ${failures}`).join(', ');
}

/** A reason as part of a longer sentence. */
export function clause(reason: string): string {
  return reason.replace(/^(For at most \d+ ms|Until healed): /, '').replace(/\.$/, '');
}
