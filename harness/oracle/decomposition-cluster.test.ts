import { describe, expect, test } from 'vitest';
import { decomposed, struckBy } from '../../fixtures/runs/failover-runs.ts';
import { goodRun, MOMENTS, NODES } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent, PodState } from '../core/record.ts';
import type { Decomposition } from '../core/result.ts';

const [LOST, OTHER] = NODES;
const { faultToMs } = MOMENTS;
const NOT_READY = `node ${LOST} NotReady`;

describe('a node with workload that stays away', () => {
  test('is called NotReady, and its pods are made elsewhere, in time', () => {
    const { terms, overrun } = decomposed(nodeLost({ notReadyS: 43, movedS: 62, endS: 400 }));
    expect(named(terms, NOT_READY)).toMatchObject({
      moment: { fromMs: faultToMs + 43_000, toMs: faultToMs + 43_000 },
      detail: 'Ready is Unknown (NodeStatusUnknown)',
    });
    expect(named(terms, 'pods rescheduled')).toMatchObject({
      moment: { fromMs: faultToMs + 62_000 },
      sincePrevious: { lowerMs: 19_000, upperMs: 19_000 },
      detail: '3 pods ready elsewhere',
    });
    expect(overrun).toBeUndefined();
  });

  test('that is called NotReady too late is named', () => {
    expect(decomposed(nodeLost({ notReadyS: 60, movedS: 72, endS: 400 })).overrun).toBe(NOT_READY);
  });

  test('whose pods come too late, or never, is named by them', () => {
    const late = decomposed(nodeLost({ notReadyS: 43, movedS: 380, endS: 400 }));
    expect(late.overrun).toBe('pods rescheduled');
    const never = decomposed(nodeLost({ notReadyS: 43, endS: 400 }));
    expect(never.overrun).toBe('pods rescheduled');
    expect(named(never.terms, 'pods rescheduled')).toMatchObject({
      moment: { fromMs: faultToMs + 400_000 },
      detail: '3 pods not ready elsewhere',
    });
    expect(named(never.terms, 'pods rescheduled')?.moment).not.toHaveProperty('toMs');
  });

  test('that nobody called NotReady is named by that, and its pods are not judged', () => {
    const { terms, overrun } = decomposed(nodeLost({ endS: 400 }));
    expect(overrun).toBe(NOT_READY);
    expect(named(terms, NOT_READY)?.detail).toBe('it was called Ready all the time');
    expect(named(terms, 'pods rescheduled')?.overran).toBe(false);
  });

  test('for a short time only has its pods where they are, and the reason', () => {
    const { terms, overrun } = decomposed(nodeLost({ notReadyS: 43, endS: 48 }));
    expect(named(terms, 'pods rescheduled')).toEqual({
      name: 'pods rescheduled',
      overran: false,
      detail: 'not seen: the fault stood for 48.0 s, and pods are moved 10.0 s after NotReady',
    });
    expect(overrun).toBeUndefined();
  });

  test('is not judged when the cluster was not watched to the end', () => {
    const closed: JournalEvent = {
      type: 'cluster.watch',
      atMs: faultToMs + 20_000,
      host: 'any',
      change: 'closed',
    };
    const events = nodeLost({ endS: 400 }).toSpliced(-2, 0, closed);
    const { terms, overrun } = decomposed(events);
    expect(named(terms, NOT_READY)?.detail).toBe('not seen: the cluster was not watched');
    expect(overrun).toBeUndefined();
  });
});

function named(terms: Decomposition['terms'], name: string): Decomposition['terms'][number] | undefined {
  return terms.find((term) => term.name === name);
}

interface Story {
  /** Seconds after the fault. */
  readonly notReadyS?: number;
  readonly movedS?: number;
  readonly endS: number;
}

/** The first node loses power and stays away to the end of the record; the VIP stays, and clients notice nothing. */
function nodeLost({ notReadyS, movedS, endS }: Story): JournalEvent[] {
  const calm = goodRun()
    .filter(({ type }) => type !== 'sample' && type !== 'fault.healed')
    .filter(({ type, atMs }) => type !== 'vip.address' || atMs <= faultToMs);
  const told: JournalEvent[] = [];
  if (notReadyS !== undefined) {
    const atMs = faultToMs + 1000 * notReadyS;
    told.push({ type: 'node', atMs, node: LOST, ready: 'Unknown', reason: 'NodeStatusUnknown' });
  }
  if (movedS !== undefined) told.push(...moved(calm, faultToMs + 1000 * movedS));
  told.push({ type: 'note', atMs: faultToMs + 1000 * endS, text: 'the end' });
  return struckBy({ hostsDown: [LOST] }, [...calm, ...told]);
}

/** Each pod of the lost node is deleted, and another one is made on the other; the last of them at `atMs`. */
function moved(events: readonly JournalEvent[], atMs: number): JournalEvent[] {
  const pods = events.filter((event): event is PodState => event.type === 'pod' && event.node === LOST);
  return pods.flatMap((pod, index): JournalEvent[] => {
    const readyMs = atMs - 1000 * (pods.length - 1 - index);
    return [
      { ...pod, atMs: readyMs - 8_000, deleted: 'begun' },
      { ...pod, atMs: readyMs, pod: pod.pod.replace(/.$/, 'z'), node: OTHER },
    ];
  });
}
