// report.html: the run for people, in one file that needs no network. What is text stands in the page; charts are drawn from data.
import type { Chart } from '../../core/chart.ts';
import type { RunReport } from '../../core/report.ts';
import { nameOf, pairs } from '../digest.ts';
import type { PageAssets, Reporter } from '../reporter.ts';
import { thinned } from './thinned.ts';
import { firstScreen } from './first-screen.ts';
import { escapeHtml, html, Html, jsonForScript } from './markup.ts';
import { runSection } from './run-section.ts';
import { scenarioSection } from './scenario-section.ts';
import { toleranceSection } from './tolerance-section.ts';

const FILE = 'report.html';
/** Of all charts together; a cell is two characters. */
const CELLS_MAX = 900_000;

export const page: Reporter = {
  name: 'html',
  summary: 'the run for people, with a timeline of each scenario: one file that needs no network',
  file: FILE,
  render: (report, assets) => ({ [FILE]: pageHtml(report, assets) }),
};

function pageHtml(report: RunReport, { script, style }: PageAssets): string {
  const { result } = report;
  const scenarios = pairs(report);
  const charts = thinned(
    scenarios.map(({ digest, result: scenario }): Chart & { name: string } => ({
      name: nameOf(scenario),
      ...digest.chart,
    })),
    CELLS_MAX,
  );
  const body = html`<main>
    ${firstScreen(report)} ${toleranceSection(report)}
    ${scenarios.map((pair, index) => scenarioSection(pair, index, scenarios.length === 1))}
    ${runSection(report)}
  </main>`;
  const title = `${result.verdict.toUpperCase()} · holdfast ${result.run.id}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="holdfast ${escapeHtml(result.run.holdfast)}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${endless(style, 'style')}</style>
</head>
<body>
${body.text}
<script type="application/json" id="holdfast-charts">${jsonForScript(charts).text}</script>
<script>${endless(script, 'script')}</script>
</body>
</html>
`;
}

/** Within its element, whatever the program says of such elements. */
function endless(text: string, element: 'script' | 'style'): string {
  return new Html(text.replaceAll(`</${element}`, `<\\/${element}`)).text;
}
