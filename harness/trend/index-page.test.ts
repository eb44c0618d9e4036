import { describe, expect, test } from 'vitest';
import { BAD_RUNS } from '../../fixtures/runs/bad-runs.ts';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import type { RunResultFile } from '../core/result.ts';
import { reportOf } from '../reports.ts';
import { indexPage } from './index-page.ts';

function night(index: number, events = goodRun()): RunResultFile {
  const { result } = reportOf(runOf(events));
  const startedAt = new Date(Date.parse(result.run.startedAt) + index * 86_400_000).toISOString();
  return { ...result, run: { ...result.run, id: `2026020${index}-020000-000${index}`, startedAt } };
}

const failed = BAD_RUNS.find(({ wrong }) => wrong === 'the API never came back')?.events();
const nights = [night(1), night(2, failed), night(3)];
const html = indexPage(nights, { style: 'body {}', unreadable: ['20260204-020000-0004: <cut off>'] });

describe('the index over all runs', () => {
  test('has a row for each, the newest first, that leads to its report', () => {
    const links = [...html.matchAll(/<td data-kind="[^"]*"><a href="([^"]+)">/g)].map(([, href]) => href);
    expect(links).toEqual(nights.map(({ run }) => `${run.id}/report.html`).reverse());
    expect(html).toContain('power-off-vip-holder: fail');
  });

  test('shows each measure over the nights, and which scenario is not the same every night', () => {
    expect(html.match(/<polyline points="([\d.]+,[\d.]+ ?){3}"/g)?.length).toBeGreaterThan(2);
    expect(html).toContain('Not the same every night');
    expect(html).toContain('not enough data');
  });

  test('names what could not be read, as text, and asks nothing of any network', () => {
    expect(html).toContain('0004: &lt;cut off&gt;');
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  test('of no run at all is a page still', () => {
    expect(indexPage([], { style: '', unreadable: [] })).toContain('holdfast: 0 runs');
  });
});
