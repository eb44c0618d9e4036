// The only place that knows both vitest and the harness: makes a vitest test of a scenario definition.
import { expect, test } from 'vitest';
import { judgeScenario } from '../checks/judge.ts';
import { runClock } from '../core/clock.ts';
import { openJournal, readRunSince } from '../core/journal.ts';
import { providerKind } from '../providers/index.ts';
import { scenarioContext, type ScenarioContext } from '../scenario/context.ts';
import type { ScenarioDefinition } from '../scenario/definition.ts';
import { executeScenario } from '../scenario/execute.ts';

/** The body's limit and those of steady state are the harness's own; this one only catches what hangs beyond them. */
const TEST_TIMEOUT_MS = 15 * 60_000;
const OWNER_CHECK_INTERVAL_MS = 500;

/**
 * Declares the scenario of a file. Inside a run it becomes a vitest test that is red unless the verdict is pass;
 * outside (`holdfast list`) it is only returned.
 */
export function scenario(definition: ScenarioDefinition): ScenarioDefinition {
  const context = scenarioContext(process.env);
  if (context) {
    test(
      definition.hypothesis,
      { timeout: TEST_TIMEOUT_MS + (context.durationMs ?? 0) },
      async ({ signal }) => {
        const orphaned = abortWithoutOwner(context.ownerPid);
        try {
          await performAndJudge(definition, context, AbortSignal.any([signal, orphaned.signal]));
        } finally {
          orphaned.stop();
        }
      },
    );
  }
  return definition;
}

async function performAndJudge(
  definition: ScenarioDefinition,
  context: ScenarioContext,
  signal: AbortSignal,
): Promise<void> {
  const journal = openJournal(context.journal);
  try {
    const provider = await providerKind(context.lab.provider).open();
    await executeScenario({
      name: context.scenario,
      iteration: context.iteration,
      attempt: context.attempt,
      seed: context.seed,
      durationMs: context.durationMs,
      safety: context.safety,
      definition,
      lab: await provider.attach(context.lab),
      recorder: journal,
      clock: runClock(context.clock),
      signal,
      processes: {
        holdfast: context.ownerPid,
        'scenario runner': process.ppid,
        'scenario worker': process.pid,
      },
    });
  } finally {
    journal.close();
  }
  const record = readRunSince(context.journal, context.journalFromByte).scenarios.at(-1);
  if (!record) throw new Error(`${context.journal} holds no scenario`);
  const result = judgeScenario(record);
  const told = result.checks
    .map((check) => `${check.verdict} ${check.name}: ${check.explanation}`)
    .join('\n');
  expect(result.verdict, told).toBe('pass');
}

/** A run that was killed cannot heal: its scenario notices and does it itself. */
function abortWithoutOwner(ownerPid: number): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    if (!isAlive(ownerPid)) controller.abort(new Error('the run that started this scenario is gone'));
  }, OWNER_CHECK_INTERVAL_MS);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
