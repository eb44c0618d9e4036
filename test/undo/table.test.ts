import { describe, expect, it } from 'vitest';
import { columnNamed, columnsOver } from './columns.ts';
import { changesBetween } from './state.ts';
import { renderTable } from './table.ts';

describe('the table of undos', () => {
  it('has a cell for each fault and column, and says why one is not clean', () => {
    const subject = { fault: 'kill-process', target: 'master2', params: { process: 'kubelet', stays: true } };
    const text = renderTable(
      ['normal', 'SIGKILL'],
      [
        {
          subject,
          cells: {
            normal: { state: 'clean', problems: [], sameAfterMs: 3_210 },
            SIGKILL: { state: 'dirty', problems: ['m2 units:\n -a | b'] },
          },
        },
        { subject: { fault: 'power-off', target: 'node1', params: {} }, cells: {} },
      ],
    );
    expect(text.split('\n')).toEqual([
      '| fault | target | normal | SIGKILL |',
      '| --- | --- | --- | --- |',
      '| kill-process process=kubelet stays=true | master2 | clean, 3.21 s | **dirty** |',
      '| power-off | node1 | not tried | not tried |',
      '',
      expect.stringMatching(/^Clean: /),
      '',
      '- kill-process process=kubelet stays=true on master2, SIGKILL: m2 units: -a | b',
    ]);
  });

  it('has columns that can be named as one types', () => {
    const columns = columnsOver('ssh');
    expect(columns.map((column) => columnNamed(column, columns))).toEqual(columns);
    expect(columnNamed('sigkill+reboot', columns)).toBe('SIGKILL + reboot');
    expect(columnNamed('sighup', columns)).toBeUndefined();
    expect(columnNamed('network lost', columnsOver('docker'))).toBeUndefined();
  });
});

describe('what has changed on a lab', () => {
  it('is nothing when all parts are equal, and told by lines when not', () => {
    const before = { 'm1 units': 'a active\nb active', 'm1 mounts': 'x' };
    expect(changesBetween(before, { ...before })).toEqual([]);
    expect(changesBetween(before, { 'm1 units': 'a failed\nb active', 'm2 remains': 'f' })).toEqual([
      'm1 mounts: -x +',
      'm1 units: -a active +a failed',
      'm2 remains: - +f',
    ]);
  });
});
