import { runOf } from '../../fixtures/runs/record-of.ts';
import { describe, expect, test } from 'vitest';
import { BAD_RUNS, changed } from '../../fixtures/runs/bad-runs.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent } from '../core/record.ts';
import type { RunReport } from '../core/report.ts';
import type { RunResultFile } from '../core/result.ts';
import { reportOf } from '../reports.ts';
import { REPORTERS } from './index.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { renderTerminal } from './terminal.ts';

const ASSETS = { script: '', style: '' };
const good = judged(goodRun());

describe('every reporter', () => {
  const runs = [
    { wrong: 'nothing', events: goodRun },
    ...BAD_RUNS,
    { wrong: 'all but the first line', events: () => goodRun().slice(0, 1) },
  ];
  test.each(runs)('renders a run with $wrong wrong, and renders it the same again', ({ events }) => {
    const report = judged(events());
    for (const reporter of REPORTERS) {
      const files = reporter.render(report, ASSETS);
      for (const text of Object.values(files)) {
        expect(text).not.toMatch(/undefined|NaN|\[object/);
        expect(text.endsWith('\n')).toBe(true);
      }
      expect(reporter.render(report, ASSETS)).toEqual(files);
    }
    expect(renderTerminal(report)).not.toMatch(/undefined|NaN|\[object|\u001B/);
  });

  test('has a name and a file of its own', () => {
    expect(new Set(REPORTERS.map(({ name }) => name)).size).toBe(REPORTERS.length);
    expect(new Set(REPORTERS.map(({ file }) => file)).size).toBe(REPORTERS.length);
  });
});

test('result.json is the result', () => {
  expect(JSON.parse(textOf(json, good))).toEqual(JSON.parse(JSON.stringify(good.result)));
});

describe('junit.xml', () => {
  test('has a case for each check, with bounds and limit, and counts what went wrong where', () => {
    const xml = textOf(junit, good);
    const cases = casesIn(good.result);
    expect(xml.match(/<testcase /g)).toHaveLength(cases);
    expect(xml).toContain(
      `<testsuites name="holdfast 20260131-062720-9f3a" tests="${cases}" failures="0" errors="0">`,
    );
    expect(xml).toContain('<property name="upperMs" value="3480"/>');
    expect(xml).toContain(`value="≤ 3879 ms until ${SUCCESSOR} holds it"/>`);
    expectWellFormed(xml);
  });

  test('tells a failure of the product from an error of the experiment', () => {
    const report = judged(badRun('the API never came back'));
    const failed = textOf(junit, report);
    expect(failed).toContain(`tests="${casesIn(report.result)}" failures="2" errors="0"`);
    expect(failed).toMatch(/<failure message="api-vip-new was down[^>]* type="fail">/);
    const doubtful = judged(badRun('the sampler stood still'));
    const text = textOf(junit, doubtful);
    expect(text).toContain('failures="0" errors="1"');
    expect(text).toMatch(/<error message="The sampler stood still[^>]* type="inconclusive">/);
  });

  test('names what was planned and never begun as an error', () => {
    const report = judged(goodRun().filter(({ atMs }) => atMs < MOMENTS.scenarioStartedMs));
    const xml = textOf(junit, report);
    expect(xml).toContain('tests="1" failures="0" errors="1"');
    expect(xml).toContain('<testcase classname="never begun" name="power-off-vip-holder">');
    expectWellFormed(xml);
  });

  test('stays XML whatever a program printed', () => {
    const nasty = 'a<b>&"c\'\u001B[31mred\u0000\uD800 ]]> \n2nd line';
    const report = judged(changed('scenario.finished', (event) => ({ ...event, error: nasty })));
    const xml = textOf(junit, report);
    expectWellFormed(xml);
    expect(xml).toContain(`a&lt;b&gt;&amp;&quot;c'[31mred ]]&gt; &#10;2nd line`);
  });
});

describe('report.md', () => {
  const text = textOf(markdown, good);

  test('says first what the verdict is, what was broken, what it cost and who took over', () => {
    expect(text.split('\n')[0]).toBe('# PASS: power-off-vip-holder');
    expect(text).toContain(`- **Broken:** power-off on ${HOLDER}, which held the VIP`);
    expect(text).toContain(`- **Took over:** ${SUCCESSOR} 3.48 s after the fault (allowed 3.88 s)`);
    expect(text).toMatch(/- \*\*Cost:\*\* api-vip-new: down for 3398–3600 ms, 90\.\d\d % answered/);
    expect(text).toContain('holdfast run power-off-vip-holder --seed 4711');
  });

  test('tells the course of the failover in the order of time', () => {
    const story = [...text.matchAll(/^\| ([−+][\d.]+) s \| (.*) \|$/gm)].map(([, at, what]) => ({
      at: Number(at),
      what,
    }));
    expect(story.map(({ at }) => at)).toEqual(story.map(({ at }) => at).toSorted((a, b) => a - b));
    const told = story.map(({ what }) => what).filter((what) => what?.includes('-h2 ') !== true);
    expect(told).toEqual([
      `power-off on ${HOLDER}`,
      'api-vip-new fails: timeout (35)',
      'api-vip-reused fails: timeout (35)',
      `VIP on ${SUCCESSOR}, before on ${HOLDER}`,
      'api-vip-new answers again',
      'api-vip-reused answers again',
      `power-off on ${HOLDER} healed`,
      `VIP on ${HOLDER}, before on ${SUCCESSOR}`,
      'all 5 nodes Ready',
    ]);
  });

  test('of a run that was cut off says where it ended', () => {
    const report = judged(badRun('the record ends in the middle'));
    const cut = textOf(markdown, report);
    expect(cut).toContain('the record ends 66.0 s into the run');
    expect(cut).toMatch(/\| \+1\.6\d s \| the record ends here \|/);
  });

  test('lets nothing that a program printed become markup', () => {
    const error = 'broken | <script>alert(1)</script>\n```\n# PASS';
    const report = judged([
      ...changed('scenario.finished', (event) => ({ ...event, error })).slice(0, -1),
      { type: 'run.interrupted', atMs: 99_999, reason: error },
    ]);
    const text = textOf(markdown, report);
    expect(text).toContain('broken \\| &lt;script>');
    expect(text).toContain('````text\nbroken | <script>');
  });

  test('of several scenarios begins with a line for each', () => {
    const events = goodRun();
    const again = events
      .filter(({ atMs }) => atMs >= MOMENTS.scenarioStartedMs && atMs < 97_600)
      .map((event) => ({
        ...event,
        atMs: event.atMs + 40_000,
        ...('iteration' in event && { iteration: 2 }),
        ...('toMs' in event && { fromMs: event.fromMs + 40_000, toMs: event.toMs + 40_000 }),
        ...(event.type === 'fault.healed' && { fromMs: event.atMs + 39_000 }),
      }));
    const two = judged([...events.slice(0, -3), ...again, ...events.slice(-3)] as JournalEvent[]);
    const text = textOf(markdown, two);
    expect(text.match(/^\| power-off-vip-holder.* pass \| clean \|/gm)).toHaveLength(2);
    expect(text).toContain('## power-off-vip-holder (2): ');
  });
});

describe('the terminal summary', () => {
  test('is plain text unless colours are asked for', () => {
    expect(renderTerminal(good)).toContain('PASS power-off-vip-holder, clean');
    const coloured = renderTerminal(good, { colors: true });
    expect(coloured).toContain('\u001B[32mPASS\u001B[0m power-off-vip-holder');
  });

  test('explains each check that was not passed, and how to run it again', () => {
    const report = judged(badRun('two hosts hold the VIP in the end'));
    const text = renderTerminal(report);
    expect(text).toContain(`${SUCCESSOR} and ${HOLDER} hold the VIP at the same time.`);
    expect(text).toContain('again: holdfast run power-off-vip-holder --seed 4711');
    expect(text).not.toContain('Every step of the scenario was done.');
  });
});

function casesIn({ scenarios }: RunResultFile): number {
  return scenarios.flatMap(({ checks }) => checks).length;
}

/** Tags nest and close; attributes and text hold no raw markup. Enough for what this writes. */
function expectWellFormed(xml: string): void {
  const open: string[] = [];
  const markup = /<\?xml[^?]*\?>|<(\/?)([a-z]+)((?: [A-Za-z]+="[^"<\n]*")*)(\/?)>/g;
  for (const [, closing, name = '', , empty] of xml.matchAll(markup)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else if (empty !== '/' && name !== '') open.push(name);
  }
  expect(open).toEqual([]);
  expect(xml.replaceAll(markup, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|#10;)/);
  expect(xml).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/);
}

function badRun(wrong: string): JournalEvent[] {
  const run = BAD_RUNS.find((one) => one.wrong === wrong);
  if (!run) throw new Error(`no bad run in which ${wrong}`);
  return run.events();
}

function judged(events: readonly JournalEvent[]): RunReport {
  return reportOf(runOf(events));
}

/** Of a reporter that writes one file. */
function textOf(reporter: Reporter, report: RunReport): string {
  return reporter.render(report, ASSETS)[reporter.file] ?? '';
}
