import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { InterruptedError } from '../core/errors.ts';
import { readRun } from '../core/journal.ts';
import { silentProgress } from '../core/progress.ts';
import type { JournalEvent } from '../core/record.ts';
import { fakeLab, type FakeLab } from '../hosts/fake-lab.ts';
import { injectByHand, type HandOutcome, type HandView } from './by-hand.ts';
import { makeJournalFolder } from './folder.ts';

const { topology } = loadTopology();
const MASTER1 = '10-10-102-91.master';
/** Exit codes of ping. */
const [ANSWERS, SILENT] = [0, 1];

/** A lab whose observer hears of the target what ping would say. */
function labWith(ping: number): FakeLab {
  const lab = fakeLab(topology);
  lab.observer
    .when('sh -c', {})
    .when('rm -f', ({ argv }) => {
      lab.observer.files.delete(argv[2] ?? '');
      return {};
    })
    .when('ping', { exitCode: ping });
  return lab;
}

interface Done extends HandOutcome {
  readonly events: readonly JournalEvent[];
}

async function powerOff(
  lab: FakeLab,
  forMs: number,
  view: Partial<HandView> = {},
  signal = new AbortController().signal,
): Promise<Done> {
  const reports = mkdtempSync(join(tmpdir(), 'by-hand-'));
  onTestFinished(() => rmSync(reports, { recursive: true }));
  const folder = makeJournalFolder(reports, '20261123-064501-9f3a');
  const order = {
    ...{ lab, kind: 'power-off', targets: [MASTER1], params: {}, forMs, limitMs: 60_000, folder },
    ...{ safety: {}, seed: 7, holdfast: '0.1.0', command: 'holdfast inject power-off master1' },
  };
  const phase: HandView['phase'] = (_title, work) => work(silentProgress);
  const outcome = await injectByHand(order, { phase, evidence: () => undefined, ...view }, signal);
  return { ...outcome, events: readRun(folder.journal).events };
}

describe('a fault by hand', () => {
  it('is on record before it is done, stands for its time, and is healed', async () => {
    const lab = labWith(SILENT);
    let stateMeanwhile: unknown;
    const { events, inForceMs, healed, failure } = await powerOff(lab, 50, {
      evidence: () =>
        (stateMeanwhile = [lab.powerStates.get(MASTER1), lab.armed.size, lab.observer.files.size]),
    });
    expect(events.map(({ type }) => type)).toEqual([
      'run.started',
      'lab.ready',
      'fault.prepared',
      'fault.injected',
      'fault.evidence',
      'fault.healed',
      'run.finished',
    ]);
    expect(stateMeanwhile).toEqual(['off', 1, 1]);
    expect({ healed, failure }).toEqual({ healed: true, failure: undefined });
    expect(inForceMs).toBeGreaterThanOrEqual(50);
    expect([lab.powerStates.get(MASTER1), lab.armed.size, lab.observer.files.size]).toEqual(['on', 0, 0]);
  });

  it('is healed at once when it is interrupted', async () => {
    const interruption = new AbortController();
    const lab = labWith(SILENT);
    const soon = {
      evidence: () => void setTimeout(() => interruption.abort(new InterruptedError('SIGINT')), 20),
    };
    const { failure, healed } = await powerOff(lab, 60_000, soon, interruption.signal);
    expect(failure).toMatchObject({ exitCode: 130 });
    expect(healed).toBe(true);
    expect(lab.powerStates.get(MASTER1)).toBe('on');
  });

  it('that shows no effect is healed at once, and said to be of no use', async () => {
    const { failure, healed } = await powerOff(labWith(ANSWERS), 60_000);
    expect(failure?.message).toBe('power-off did not take effect; it is healed at once');
    expect(healed).toBe(true);
  });
});
