import { describe, expect, test } from 'vitest';
import { encodeCells, type Chart } from '../core/chart.ts';
import { rowInWords, rowsOf, spanAt } from './rows.ts';
import { layoutOf, timelineSvg } from './timeline-svg.ts';

const chart: Chart = {
  fromMs: -2000,
  toMs: 8000,
  faults: [[0, 5000, 'fault', 'power-off on m1']],
  groups: [
    {
      title: 'VIP',
      lanes: [
        { name: 'm1', spans: [[-2000, 0, 'good', 'm1 holds the VIP']] },
        { name: 'adverts', spans: [[-500, -500, 'info', 'priority 100']] },
      ],
    },
    { title: 'Noise', lanes: [{ name: 'sampler', spans: [[-2000, 8000, 'good', 'late by 1 ms']] }] },
  ],
  series: [
    {
      name: 'api <vip>',
      fromMs: -200,
      stepMs: 100,
      cells: encodeCells([
        { state: 'good', latencyMs: 3 },
        { state: 'good', latencyMs: 4 },
        { state: 'failed', failure: 'timeout' },
        { state: 'failed', failure: 'timeout' },
        { state: 'none' },
        { state: 'good', latencyMs: 5 },
      ]),
    },
  ],
};
const rows = rowsOf(chart);

describe('rows', () => {
  test('are the lanes, with series before the noise, as spans of what was seen', () => {
    expect(rows.map(({ group, name }) => `${group}: ${name}`)).toEqual([
      'VIP: m1',
      'VIP: adverts',
      'Probes: api <vip>',
      'Noise: sampler',
    ]);
    expect(rows[2]?.spans).toEqual([
      [-200, 0, 'good', 'answered'],
      [0, 200, 'bad', 'timeout'],
      [300, 400, 'good', 'answered'],
    ]);
  });

  test('say what was so at a moment, and find a mark that is near', () => {
    const [held, adverts] = rows;
    expect(held && spanAt(held, -1000, 10)?.[3]).toBe('m1 holds the VIP');
    expect(adverts && spanAt(adverts, -480, 50)?.[3]).toBe('priority 100');
    expect(adverts && spanAt(adverts, 100, 50)).toBeUndefined();
  });

  test('are told in words to who cannot see them', () => {
    expect(rows.map(rowInWords)[2]).toBe('api <vip>: timeout from 0.0 s to 0.2 s');
  });
});

describe('the picture', () => {
  const view = { fromMs: -2000, toMs: 8000 };
  const svg = timelineSvg({ rows, faults: chart.faults, view, width: 1210 });

  test('has every span where its time is', () => {
    // 1000 px for 10 s, right of the names.
    expect(svg).toContain('<rect class="shade" x="410.0"');
    expect(svg).toMatch(/<rect class="good" x="210\.0" y="[\d.]+" width="200\.0"/);
    expect(svg).toContain('timeout, +0.00 s to +0.20 s');
  });

  test('shows only what is in view, and cuts what reaches beyond', () => {
    const zoomed = timelineSvg({
      rows,
      faults: chart.faults,
      view: { fromMs: 1000, toMs: 2000 },
      width: 1210,
    });
    expect(zoomed).not.toContain('m1 holds the VIP, ');
    expect(zoomed).toContain('<rect class="shade" x="210.0" y="22" width="1000.0"');
  });

  test('escapes names, and puts them above their rows where it is narrow', () => {
    expect(svg).toContain('api &lt;vip>');
    expect([layoutOf(rows, 1210).left, layoutOf(rows, 390).left]).toEqual([210, 0]);
  });
});
