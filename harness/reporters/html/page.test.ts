import { describe, expect, test } from 'vitest';
import { BAD_RUNS, changed } from '../../../fixtures/runs/bad-runs.ts';
import { goodRun, HOLDER, SUCCESSOR } from '../../../fixtures/runs/good-run.ts';
import { runOf } from '../../../fixtures/runs/record-of.ts';
import type { JournalEvent } from '../../core/record.ts';
import { reportOf } from '../../reports.ts';
import { page } from './page.ts';

function pageOf(events: readonly JournalEvent[], script = ''): string {
  return page.render(reportOf(runOf(events)), { script, style: '' })['report.html'] ?? '';
}

/** What a reader reads: without tags, blanks as one. */
function textOf(html: string): string {
  return html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('report.html', () => {
  const html = pageOf(goodRun());
  const first = textOf(html.slice(0, html.indexOf('class="scenario"')));

  test('answers on its first screen what was broken, what it cost, who took over, and whether that is acceptable', () => {
    expect(first).toContain('PASS power-off-vip-holder');
    expect(first).toContain(`What was broken power-off on ${HOLDER}, which held the VIP`);
    expect(first).toMatch(/What it cost a client of the API api-vip-new: down for 3398–3600 ms/);
    expect(first).toContain(`${SUCCESSOR} 3.48 s after the fault (allowed 3.88 s)`);
    expect(first).toMatch(/Is that acceptable Yes: all \d+ checks passed/);
  });

  test('asks nothing of any network', () => {
    expect(html).not.toMatch(/(src|href)="?(https?:)?\/\//);
    expect(html).toContain("default-src 'none'");
  });

  test('has a place for the chart, and its data', () => {
    expect(html).toContain('data-chart="0"');
    const data = /<script type="application\/json" id="holdfast-charts">(.*?)<\/script>/s.exec(html)?.[1];
    expect(JSON.parse(data ?? '')).toMatchObject([{ name: 'power-off-vip-holder' }]);
  });

  test('says of a run that failed why it did', () => {
    const bad = BAD_RUNS.find(({ wrong }) => wrong === 'the API never came back');
    const text = textOf(pageOf(bad?.events() ?? []));
    expect(text).toContain('FAIL power-off-vip-holder');
    expect(text).toMatch(/Is that acceptable No /);
  });

  test('says of a run that was cut off where it ended, and what was never begun', () => {
    const text = textOf(pageOf(goodRun().slice(0, 8)));
    expect(text).toContain('The run ended early');
  });

  test('lets nothing that a program printed become markup', () => {
    const error = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
    const nasty = pageOf(
      changed('scenario.finished', (event) => ({ ...event, error })),
      'var text = "</script>";',
    );
    expect(nasty).not.toContain('<script>alert');
    expect(nasty).not.toContain('<img');
    expect(nasty).toContain('<\\/script>');
  });
});
