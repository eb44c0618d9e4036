// Performs a scenario as a run does, with a lie in one place: the lab, the recorder, the clock or the body.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeRun } from '../../harness/checks/judge.ts';
import { clockOriginNow, runClock } from '../../harness/core/clock.ts';
import { openJournal, readRun } from '../../harness/core/journal.ts';
import type { Lab } from '../../harness/core/provider.ts';
import {
  JOURNAL_VERSION,
  type JournalEvent,
  type Recorder,
  type RunRecord,
} from '../../harness/core/record.ts';
import type { ScenarioResult } from '../../harness/core/result.ts';
import type { ScenarioDefinition, Stage } from '../../harness/scenario/definition.ts';
import { executeScenario } from '../../harness/scenario/execute.ts';

const SCENARIO_LIMIT_MS = 5 * 60_000;

export interface Lie {
  readonly lab?: (lab: Lab) => Lab;
  readonly recorder?: (recorder: Recorder) => Recorder;
  /** Takes the scenario's body and may do more, less or something else. */
  readonly body?: (honest: ScenarioDefinition['body']) => (stage: Stage) => Promise<void>;
}

export interface Deceived {
  readonly record: RunRecord;
  readonly events: readonly JournalEvent[];
  readonly result: ScenarioResult;
}

export async function perform(
  lab: Lab,
  name: string,
  definition: ScenarioDefinition,
  lie: Lie = {},
): Promise<Deceived> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-deceived-'));
  const path = join(folder, 'journal.jsonl');
  const journal = openJournal(path);
  try {
    const origin = clockOriginNow();
    const clock = runClock(origin);
    const started = { type: 'run.started', atMs: clock.now(), id: 'deceived', command: 'sabotage' } as const;
    journal.append({
      ...started,
      journalVersion: JOURNAL_VERSION,
      startedAt: new Date(origin.epochMs).toISOString(),
      clock: origin,
      seed: 1,
      holdfast: 'test',
      topology: lab.descriptor.topology,
      profile: 'v1.20.2',
      provider: lab.descriptor.provider,
      plan: [name],
    });
    const honest: ScenarioDefinition['body'] = (stage) => definition.body(stage);
    const body = lie.body?.(honest) ?? honest;
    await executeScenario({
      name,
      iteration: 1,
      seed: 1,
      definition: { ...definition, body },
      lab: lie.lab?.(lab) ?? lab,
      recorder: lie.recorder?.(journal) ?? journal,
      clock,
      signal: AbortSignal.timeout(SCENARIO_LIMIT_MS),
      processes: {},
    });
    journal.append({ type: 'run.finished', atMs: clock.now(), finishedAt: new Date().toISOString() });
    const record = readRun(path);
    const [result] = judgeRun(record).scenarios;
    if (!result) throw new Error('the journal holds no scenario');
    return { record, events: record.events, result };
  } finally {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
