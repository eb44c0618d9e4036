// index.html over all runs of a folder: the runs with a filter, each measure over the nights, and what flakes.
import { counts, type RunResultFile } from '../core/result.ts';
import { spoken } from '../core/text.ts';
import { html, table, type Html } from '../reporters/html/markup.ts';
import { MEASURE_HELP, nightOf } from './measures.ts';
import { trendOf, type Trend, type TrendRow } from './trend.ts';

const NIGHTS = 30;
const SPARK = { width: 160, height: 28 } as const;

export interface IndexOptions {
  /** CSS of the pages. */
  readonly style: string;
  /** Runs without a result, in words. */
  readonly unreadable: readonly string[];
}

/** @param results the oldest first */
export function indexPage(results: readonly RunResultFile[], { style, unreadable }: IndexOptions): string {
  const newestFirst = results.toReversed();
  const kinds = [...new Map(newestFirst.map((result) => [kindOf(result), result])).keys()];
  const trends = kinds.flatMap((kind) => {
    const nights = results.filter((result) => kindOf(result) === kind).map(nightOf);
    const trend = trendOf(nights, { last: NIGHTS, newest: 1 });
    return trend ? [trendSection(kind, trend)] : [];
  });
  const body = html`<main>
    <header class="${newestFirst[0]?.verdict ?? 'inconclusive'}">
      <h1>holdfast: ${results.length} runs</h1>
      ${newestFirst[0] ? html`<p>The newest: ${verdictOf(newestFirst[0].verdict)} ${linkTo(newestFirst[0])}</p>` : undefined}
    </header>
    ${runsSection(newestFirst, kinds)} ${trends}
    ${
      unreadable.length === 0
        ? undefined
        : html`<section>
            <h2>Without a result</h2>
            <ul>
              ${unreadable.map((line) => html`<li>${line}</li>`)}
            </ul>
          </section>`
    }
  </main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>holdfast: all runs</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
${body.text}
<script>${FILTER}</script>
</body>
</html>
`;
}

/** Shows the rows that hold the text, of the kind and with the verdict that were chosen. */
const FILTER = `
const form = document.querySelector('#filter');
form.addEventListener('input', () => {
  const { text, kind, verdict } = form.elements;
  for (const row of document.querySelectorAll('#runs tbody tr')) {
    const [one, what] = [row.querySelector('[data-kind]').dataset.kind, row.textContent.toLowerCase()];
    row.hidden = !what.includes(text.value.toLowerCase()) || !one.includes(kind.value) || !what.includes(verdict.value);
  }
});`;

/** What can be compared with each other. */
function kindOf({ run }: RunResultFile): string {
  return `${run.topology}, Kubernetes ${run.profile}, ${run.provider}`;
}

function linkTo({ run }: RunResultFile): Html {
  return html`<a href="${run.id}/report.html">${run.id}</a>`;
}

function verdictOf(verdict: string): Html {
  return html`<span class="verdict ${verdict}">${verdict}</span>`;
}

function runsSection(results: readonly RunResultFile[], kinds: readonly string[]): Html {
  const options = (values: readonly string[]): Html[] =>
    values.map((value) => html`<option>${value}</option>`);
  const rows = results.map((result) => {
    const counting = result.scenarios.filter(counts);
    const passed = counting.filter(({ verdict }) => verdict === 'pass').length;
    const others = counting
      .filter(({ verdict }) => verdict !== 'pass')
      .map(({ name, verdict }) => `${name}: ${verdict}`);
    return [
      html`<td data-kind="${kindOf(result)}">${linkTo(result)}</td>`,
      result.run.startedAt.slice(0, 16).replace('T', ' '),
      verdictOf(result.verdict),
      result.cleanliness,
      `${passed} of ${counting.length} passed`,
      others.join(', '),
      result.run.topology,
    ];
  });
  return html`<section>
    <h2>Runs</h2>
    <form id="filter">
      <label>Find <input name="text" type="search" /></label>
      <label
        >kind
        <select name="kind">
          <option value="">all</option>
          ${options(kinds)}
        </select></label
      >
      <label
        >verdict
        <select name="verdict">
          <option value="">all</option>
          ${options(['pass', 'fail', 'inconclusive', 'invalid'])}
        </select></label
      >
    </form>
    <div id="runs">
      ${table(['run', 'started', 'verdict', '', 'scenarios', 'not passed', 'topology'], rows)}
    </div>
  </section>`;
}

function trendSection(kind: string, { rows, flaky, past, fresh }: Trend): Html {
  return html`<section>
    <h2>${kind}</h2>
    <p class="soft">
      ${past.length + fresh.length} runs, at most ${NIGHTS + 1}; the newest against those before.
    </p>
    ${table(
      ['scenario', 'measure', 'nights', 'before', 'newest', ''],
      rows.map((row) => [
        row.scenario,
        html`<span title="${MEASURE_HELP[row.measure]}">${row.measure}</span>`,
        sparkline(row),
        beforeInWords(row),
        spoken(row.freshMedian),
        row.state === 'worse' ? html`<strong class="fail">worse</strong>` : row.state,
      ]),
    )}
    ${
      flaky.length === 0
        ? html`<p>No scenario flaked: every verdict was the same every night.</p>`
        : html`<h3>Not the same every night</h3>
            ${table(
              ['scenario', 'verdicts, the oldest first', 'asked again'],
              flaky.map(({ scenario, verdicts, retries }) => [scenario, verdicts.map(verdictOf), retries]),
            )}`
    }
  </section>`;
}

/** "3.1 s (2.9 s – 3.4 s)": the median, and where it lies with 95 %. */
export function beforeInWords({ past, pastMedian, pastInterval }: TrendRow): string {
  if (past.length === 0) return '–';
  if (!pastInterval) return spoken(pastMedian);
  return `${spoken(pastMedian)} (${spoken(pastInterval.lower)} – ${spoken(pastInterval.upper)})`;
}

/** From 0, so that a line that looks high is high. */
function sparkline({ past, fresh, scenario, measure }: TrendRow): Html {
  const values = [...past, ...fresh];
  const most = Math.max(1, ...values);
  const point = (value: number, index: number): readonly [x: string, y: string] => {
    const x = values.length === 1 ? SPARK.width / 2 : 3 + (index / (values.length - 1)) * (SPARK.width - 6);
    return [x.toFixed(1), (SPARK.height - 3 - (value / most) * (SPARK.height - 6)).toFixed(1)];
  };
  const points = values.map(point);
  const label = `${scenario}, ${measure}: ${values.map((value) => spoken(value)).join(', ')}`;
  return html`<svg
    class="spark"
    width="${SPARK.width}"
    height="${SPARK.height}"
    role="img"
    aria-label="${label}"
  >
    <polyline points="${points.map((one) => one.join()).join(' ')}" />
    ${points.slice(past.length).map(([x, y]) => html`<circle cx="${x}" cy="${y}" r="2.5" />`)}
  </svg>`;
}
