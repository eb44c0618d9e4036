import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../core/record.ts';
import { unhealedFaults } from './heal.ts';

function prepared(id: string): JournalEvent {
  return { type: 'fault.prepared', atMs: 1, id, kind: 'power-off', target: `host-${id}`, params: {} };
}

function healed(id: string): JournalEvent {
  return { type: 'fault.healed', atMs: 2, id, by: 'scenario' };
}

describe('what is left to heal', () => {
  it('is every fault that was prepared, also one whose deed was never reported', () => {
    expect(unhealedFaults([prepared('a')]).map((fault) => fault.id)).toEqual(['a']);
  });

  it('is undone newest first', () => {
    expect(unhealedFaults([prepared('a'), prepared('b')]).map((fault) => fault.id)).toEqual(['b', 'a']);
  });

  it('is nothing when all were healed', () => {
    expect(unhealedFaults([prepared('a'), healed('a')])).toEqual([]);
  });
});
