import { describe, expect, it } from 'vitest';
import type { JournalEvent, Sample } from './core/record.ts';
import { Narrator } from './narrator.ts';

function sample(atMs: number, ok: boolean, probe = 'api-vip-new'): Sample {
  return {
    type: 'sample',
    atMs,
    probe,
    ok,
    durationMs: 5,
    lateMs: 0,
    ...(!ok && { failure: 'timeout' as const }),
  };
}

function tell(events: readonly JournalEvent[]): string[] {
  const narrator = new Narrator();
  return events.map((event) => narrator.tell(event)).filter((line) => line !== undefined);
}

describe('the story at the terminal', () => {
  it("tells the client's outage once when it begins and once when it ends", () => {
    const lines = tell([
      sample(0, true),
      sample(100, false),
      sample(200, false),
      sample(300, true),
      sample(400, true),
    ]);
    expect(lines).toEqual([
      '+  0.10 s API through the VIP: timeout',
      '+  0.30 s API through the VIP: back after about 200 ms',
    ]);
  });

  it('does not take a good sample from before the outage, arriving late, for its end', () => {
    expect(tell([sample(100, false), sample(50, true)])).toHaveLength(1);
  });

  it('does not begin an outage anew for a timeout of before its end that arrives late', () => {
    expect(tell([sample(100, false), sample(300, true), sample(200, false), sample(400, true)])).toHaveLength(
      2,
    );
  });

  it('is silent about the other series', () => {
    expect(tell([sample(100, false, 'apiserver-a')])).toEqual([]);
  });

  it('says plainly when a fault did not take effect', () => {
    const evidence = [{ witness: 'ping', holds: false, detail: 'answers' }];
    expect(tell([{ type: 'fault.evidence', atMs: 0, id: 'x', evidence }])[0]).toContain(
      'did NOT take effect',
    );
  });
});
