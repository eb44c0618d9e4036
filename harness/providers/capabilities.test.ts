import { expect, test } from 'vitest';
import { parseMissingCapabilities } from './capabilities.ts';

const status = (bounding: string): string => `Name:\tnode\nCapEff:\t0000000000000000\nCapBnd:\t${bounding}\n`;

test('a full bounding set misses nothing, also on a kernel that knows fewer capabilities', () => {
  expect(parseMissingCapabilities(status('000001ffffffffff'), 40)).toEqual([]);
  expect(parseMissingCapabilities(status('0000003fffffffff'), 37)).toEqual([]);
});

test('what the bounding set lacks is named', () => {
  expect(parseMissingCapabilities(status('000001fffeffffff'), 40)).toEqual(['SYS_RESOURCE']);
  expect(parseMissingCapabilities(status('0000003fffffffff'), 40)).toEqual([
    'PERFMON',
    'BPF',
    'CHECKPOINT_RESTORE',
  ]);
});

test('a status without a bounding set misses all', () => {
  expect(parseMissingCapabilities('Name:\tnode\n', 40)).toHaveLength(41);
});
