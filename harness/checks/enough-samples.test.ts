import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { changed, failed, isBetween } from '../../fixtures/runs/altered.ts';
import { goodRun, MOMENTS, NODES } from '../../fixtures/runs/good-run.ts';
import { NODE_AWAY, nodeCutOff } from '../../fixtures/runs/measurement-runs.ts';
import { enoughSamples } from './enough-samples.ts';
import { samplersOf } from './samplers.ts';

describe('a prober on a node', () => {
  test('is excused while a fault keeps its host away, and until that may be back', () => {
    const record = recordOf(nodeCutOff(NODE_AWAY.fromMs, NODE_AWAY.untilMs));
    expect(enoughSamples.judge(record)).toMatchObject({ verdict: 'pass' });
  });

  test('that ended by itself was to ask until the last of all was stopped', () => {
    const events = nodeCutOff(NODE_AWAY.fromMs, Infinity).map((event) =>
      event.type === 'probes.stopped' && event.from === NODES[0]
        ? { ...event, atMs: 64_400, reason: 'prober ended by itself: exit code 137' }
        : event,
    );
    const due = samplersOf(recordOf(events)).map(({ from, dueUntilMs }) => [from, dueUntilMs]);
    expect(due).toContainEqual([NODES[0], MOMENTS.probesStoppedMs]);
  });

  test('is not excused before the fault', () => {
    const record = recordOf(nodeCutOff(60_500, MOMENTS.faultFromMs - 200));
    expect(enoughSamples.judge(record).explanation).toContain('has a hole of');
  });
});

describe('the control series', () => {
  test('makes only those outages doubtful in which it had trouble, and names them', () => {
    const slow = changed('sample', (sample) =>
      sample.probe === 'control' && isBetween(sample, 65_000, 65_100)
        ? { ...sample, durationMs: 260 }
        : sample,
    );
    expect(enoughSamples.judge(recordOf(slow)).explanation).toContain(
      'The outage of api-vip-new at 64382 ms is doubtful: the control series took 260 ms in it.',
    );
    const later = changed('sample', (sample) =>
      sample.probe === 'control' && isBetween(sample, 93_000, 93_100) ? failed(sample) : sample,
    );
    expect(enoughSamples.judge(recordOf(later)).verdict).toBe('pass');
  });

  test('may take as long as a quarter of its timeout', () => {
    const busy = changed('sample', (sample) =>
      sample.probe === 'control' ? { ...sample, durationMs: 250 } : sample,
    );
    expect(enoughSamples.judge(recordOf(busy)).verdict).toBe('pass');
  });
});

test('every sampler is told in the account', () => {
  expect(enoughSamples.judge(recordOf(goodRun())).explanation).toBe(
    '4909 samples from 25 series and 3 samplers in 36000 ms.',
  );
});
