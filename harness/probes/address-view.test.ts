// From the lines of `ip monitor` (as iproute2 6.1 prints them) to changes of one address.
import { describe, expect, it } from 'vitest';
import { AddressView } from './address-view.ts';

const VIP = '10.10.102.21';
const TAIL = 'scope global eth0\\       valid_lft forever preferred_lft forever';
const added = (second: string, address = `${VIP}/24`): string =>
  `[2026-01-31T06:27:${second}] 3: eth0    inet ${address} ${TAIL}`;
const deleted = (second: string, address = `${VIP}/24`): string =>
  `[2026-01-31T06:27:${second}] Deleted 3: eth0    inet ${address} ${TAIL}`;
const at = (second: string): number =>
  Date.parse(`2026-01-31T06:27:${second.slice(0, 2)}Z`) + Number(second.slice(2)) * 1000;
const snapshot = (second: string, ...addresses: readonly string[]): string[] => [
  `snapshot ${String(at('00.0') / 1000 + Number(second))}.0`,
  `1: lo    inet 127.0.0.1/8 ${TAIL}`,
  ...addresses.map((address) => `3: eth0    inet ${address} ${TAIL}`),
  'snapshot end',
];

function changes(...lines: readonly string[]): readonly (readonly [number, boolean, string])[] {
  const view = new AddressView(VIP);
  return lines
    .flatMap((line) => view.read(line))
    .map(({ epochMs, present, source }) => [
      Math.round((epochMs - at('00.0')) * 1000) / 1000,
      present,
      source,
    ]);
}

describe('AddressView', () => {
  it('says first how things stand, and then what changes, in microseconds of the host', () => {
    expect(changes(...snapshot('1', `${VIP}/24`), deleted('05.250001'), added('07.000500'))).toEqual([
      [1000, true, 'snapshot'],
      [5250.001, false, 'event'],
      [7000.5, true, 'event'],
    ]);
    expect(changes(...snapshot('1', '10.10.102.91/23'))).toEqual([[1000, false, 'snapshot']]);
  });

  it('makes no move of an address that is added where it stands already', () => {
    expect(changes(...snapshot('1', `${VIP}/24`), added('02.0'), added('03.0'))).toHaveLength(1);
  });

  it('minds no other address, not even one that begins alike', () => {
    expect(
      changes(...snapshot('1'), added('02.0', '10.10.102.210/24'), added('03.0', '10.10.102.91/23')),
    ).toEqual([[1000, false, 'snapshot']]);
  });

  it('sees an address gone only when it stands nowhere any more', () => {
    expect(
      changes(
        ...snapshot('1', `${VIP}/24`),
        added('02.0', `${VIP}/32`),
        deleted('03.0'),
        deleted('04.0', `${VIP}/32`),
      ),
    ).toEqual([
      [1000, true, 'snapshot'],
      [4000, false, 'event'],
    ]);
  });

  it('trusts the snapshot over events from before it, and events from after its start over it', () => {
    const [start = '', ...rest] = snapshot('5', `${VIP}/24`);
    // Printed between the snapshot's start and its end, as happens when both write to one pipe.
    expect(changes(deleted('04.0'), start, deleted('05.5'), ...rest)).toEqual([
      [5000, true, 'snapshot'],
      [5500, false, 'event'],
    ]);
    expect(changes(deleted('04.0'), ...snapshot('5', `${VIP}/24`))).toEqual([[5000, true, 'snapshot']]);
  });
});
