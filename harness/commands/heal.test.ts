import { describe, expect, it } from 'vitest';
import { renderHealing } from './heal.ts';

describe('what heal says', () => {
  it('goes host by host, then through the records, then to what is left', () => {
    const hosts = [
      { host: 'm1', done: ['switched on', 'undid stop-process-1a2b3c4d'] },
      { host: 'observer', done: [] },
    ];
    const faults = [{ run: 'r', id: 'power-off-1a2b3c4d', kind: 'power-off', target: 'm1' }];
    expect(renderHealing([{ run: 'lab', hosts, faults, problems: ['m2: gone'] }])).toBe(
      `lab of run lab
  m1        switched on, undid stop-process-1a2b3c4d
  observer  nothing to undo
  healed on record: power-off on m1, of run r
  not healed: m2: gone
`,
    );
  });

  it('is short where there is nothing', () => {
    expect(renderHealing([])).toBe('no lab exists\n');
  });
});
