// The tolerance matrix of a run with several scenarios: which failure costs what, and what the design promises.
import type { RunReport } from '../../core/report.ts';
import { counts } from '../../core/result.ts';
import { CAPABILITIES, type ToleranceCell } from '../../core/tolerance.ts';
import { nameOf, pairs } from '../digest.ts';
import { html, slug, table, type Html } from './markup.ts';

export function toleranceSection(report: RunReport): Html | undefined {
  const counting = pairs(report).filter(({ result }) => counts(result));
  if (counting.length < 2) return undefined;
  const rows = counting.map(({ digest, result }) => [
    html`<a href="#${slug(nameOf(result))}">${nameOf(result)}</a>`,
    ...CAPABILITIES.map((capability) => cellHtml(digest.tolerance[capability])),
    html`<span class="verdict ${result.verdict}">${result.verdict}</span>`,
  ]);
  return html`<section>
    <h2>What each failure cost</h2>
    <p class="soft">
      The longest outage; below it, what the design promises. API reads are those with quorum; service is the
      node that was down for the least time.
    </p>
    ${table(['failure', ...CAPABILITIES, 'verdict'], rows)}
  </section>`;
}

function cellHtml({ measured, expected }: ToleranceCell): Html {
  const kind = measured === 'none' ? 'none' : measured === 'not measured' ? 'unmeasured' : 'cost';
  const promised = expected === undefined ? undefined : html`<small>${expected}</small>`;
  return html`<td class="${kind}">${measured}${promised}</td>`;
}
