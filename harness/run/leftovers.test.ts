import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { clockOriginNow } from '../core/clock.ts';
import type { PowerState } from '../core/host.ts';
import { readRun } from '../core/journal.ts';
import { silentProgress } from '../core/progress.ts';
import { JOURNAL_VERSION, type JournalEvent } from '../core/record.ts';
import type { FakeAnswer } from '../hosts/fake.ts';
import { fakeLab, type FakeLab } from '../hosts/fake-lab.ts';
import { healLeftovers, tellHealing } from './leftovers.ts';

const { topology } = loadTopology();
const RUN = '20261123-064501-9f3a';
const [MASTER1, MASTER2] = ['10-10-102-91.master', '10-10-102-92.master'];

/** What a lab of fakes is like, changed by what is done to it. */
interface State {
  readonly power: Map<string, PowerState>;
  /** host → ids of the undos that it has by it. */
  readonly undos: Map<string, string[]>;
  /** Ids of undos that fail. */
  readonly stubborn: readonly string[];
  readonly notes: Map<string, string>;
}

function labIn(state: State): FakeLab {
  const lab = fakeLab(topology);
  for (const [host, power] of state.power) lab.powerStates.set(host, power);
  for (const host of [...lab.hosts, lab.observer]) {
    host.when('sh -c', ({ argv: [, , script = ''] }) => answer(state, host.name, script));
  }
  lab.observer.when('rm -f', ({ argv }) => {
    state.notes.delete(argv[2]?.split('/').at(-1) ?? '');
    return {};
  });
  return lab;
}

function answer(state: State, host: string, script: string): FakeAnswer {
  if (script.includes('/etc/holdfast/runs')) {
    return { stdout: [...state.notes].map((note) => `${note.join(' ')}\n`).join('') };
  }
  const undos = state.undos.get(host) ?? [];
  if (!script.includes('ls -t')) return { stdout: undos.map((id) => `${id}\n`).join('') };
  const fails = (id: string): boolean => state.stubborn.includes(id);
  state.undos.set(host, undos.filter(fails));
  return { stdout: undos.map((id) => `${fails(id) ? 'failed' : 'undone'} ${id}\n`).join('') };
}

function stateOf(given: Partial<State> = {}): State {
  return { power: new Map(), undos: new Map(), stubborn: [], notes: new Map(), ...given };
}

function journalOf(events: readonly JournalEvent[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'leftovers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal.jsonl');
  const started: JournalEvent = {
    type: 'run.started',
    atMs: 0,
    journalVersion: JOURNAL_VERSION,
    id: RUN,
    startedAt: '2026-11-23T06:45:01.000Z',
    clock: clockOriginNow(),
    seed: 7,
    holdfast: '0.1.0',
    command: 'holdfast inject',
    topology,
    profile: 'v1.20.2',
    provider: 'containers',
    plan: [],
  };
  writeFileSync(path, [started, ...events].map((event) => `${JSON.stringify(event)}\n`).join(''));
  return path;
}

const POWER_OFF: JournalEvent = {
  type: 'fault.prepared',
  atMs: 1,
  id: 'power-off-1a2b3c4d',
  kind: 'power-off',
  target: MASTER1,
  params: {},
};

const heal = (lab: FakeLab, keepNotes = false): ReturnType<typeof healLeftovers> =>
  healLeftovers({ lab, progress: silentProgress, keepNotes });

describe('what dead runs left on a lab', () => {
  it('is nothing on a lab that is whole', async () => {
    const healing = await heal(labIn(stateOf()));
    expect(healing.hosts).toHaveLength(6);
    expect(tellHealing(healing)).toEqual([]);
  });

  it('is undone host by host, and told', async () => {
    const state = stateOf({
      power: new Map([[MASTER1, 'off']]),
      undos: new Map([[MASTER2, ['kill-process-5e6f7a8b']]]),
    });
    const lab = labIn(state);
    expect(tellHealing(await heal(lab))).toEqual([
      `${MASTER1}: switched on`,
      `${MASTER2}: undid kill-process-5e6f7a8b`,
    ]);
    expect(lab.powerStates.get(MASTER1)).toBe('on');
    expect(tellHealing(await heal(lab))).toEqual([]);
  });

  it('is found in the journals of those runs, where it is healed on record', async () => {
    const journal = journalOf([POWER_OFF]);
    const state = stateOf({ notes: new Map([[RUN, journal]]) });
    expect(tellHealing(await heal(labIn(state)))).toEqual([
      `healed on record: power-off on ${MASTER1}, of run ${RUN}`,
    ]);
    expect(readRun(journal).events.at(-1)).toMatchObject({ type: 'fault.healed', by: 'harness' });
    expect(state.notes.size).toBe(0);
  });

  it('stays noted under a living run, which may break more', async () => {
    const state = stateOf({ notes: new Map([[RUN, journalOf([POWER_OFF])]]) });
    await heal(labIn(state), true);
    expect([...state.notes.keys()]).toEqual([RUN]);
    expect(tellHealing(await heal(labIn(state)))).toEqual([]);
  });

  it('is told where it cannot be healed, and does not keep the rest from being', async () => {
    const state = stateOf({
      undos: new Map([
        [MASTER1, ['kill-process-1a2b3c4d']],
        [MASTER2, ['stop-process-5e6f7a8b']],
      ]),
      stubborn: ['kill-process-1a2b3c4d'],
      notes: new Map([[RUN, '/nowhere/journal.jsonl']]),
    });
    const { problems, hosts } = await heal(labIn(state));
    expect(problems).toEqual([
      `run ${RUN}: its journal /nowhere/journal.jsonl is gone, and what it alone knew`,
      expect.stringMatching(`^${MASTER1} could not undo kill-process-1a2b3c4d`),
    ]);
    expect(hosts.flatMap(({ done }) => done)).toEqual(['undid stop-process-5e6f7a8b']);
  });
});
