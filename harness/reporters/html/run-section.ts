// The end of the page: how the run was made, how far its measuring can be trusted, and where the rest of it is.
import type { RunReport } from '../../core/report.ts';
import { count, ms, spoken } from '../../core/text.ts';
import { whatMeasuringCost } from '../digest.ts';
import { html, table, type Html } from './markup.ts';

/** Beside the page, in the run's folder. */
const FILES: readonly (readonly [file: string, what: string])[] = [
  ['journal.jsonl', 'everything that was seen, a line each: the record from which all else is computed'],
  ['result.json', 'what was judged, for scripts'],
  ['junit.xml', 'a test case for each check'],
  ['report.md', 'this report as Markdown'],
  ['tolerance.md', 'the tolerance matrix'],
  ['scenarios.log', 'what the scenarios themselves printed'],
  ['hosts/', 'the journals of every host'],
];

export function runSection({ result, unreadableLines }: RunReport): Html {
  const { run, noise, provision } = result;
  const cost = whatMeasuringCost(result);
  const known = (value: number | undefined): string => (value === undefined ? 'not known' : ms(value));
  const facts: [string, string][] = [
    ['Command', run.command],
    ['Started', run.startedAt],
    ['Finished', run.finishedAt ?? 'not finished'],
    ['holdfast', run.holdfast],
    ['Provider', run.provider],
    [
      'Noise',
      `sampler late by ${known(noise.latenessMsP99)} (99th percentile) and ${known(noise.latenessMsMax)} at most, stalled ${known(noise.eventLoopStallMsMax)} at most, ${count(noise.lostSamples, 'sample')} lost`,
    ],
    ...(cost === undefined ? [] : [['Measuring took', cost] as [string, string]]),
    ...(noise.otherWorkCoresMax === undefined
      ? []
      : [['Other work', `up to ${noise.otherWorkCoresMax.toFixed(2)} cores`] as [string, string]]),
    ...(unreadableLines === 0
      ? []
      : [['Journal', `${count(unreadableLines, 'line')} could not be read`] as [string, string]]),
  ];
  return html`<section>
    <h2>The run</h2>
    ${table(['', ''], facts)}
    ${
      provision.steps.length === 0
        ? undefined
        : html`<details>
            <summary>Getting ready took ${spoken(provision.totalMs)}</summary>
            ${table(
              ['step', 'time'],
              provision.steps.map(({ name, ms: stepMs }) => [name, spoken(stepMs)]),
            )}
          </details>`
    }
    <h3>Beside this page</h3>
    ${table(
      ['file', ''],
      FILES.map(([file, what]) => [html`<a href="${file}">${file}</a>`, what]),
    )}
  </section>`;
}
