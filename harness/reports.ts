// From a run's journal to its reports. Of each scenario only what is reported stays in memory.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judgeScenario, runResult } from './checks/judge.ts';
import { asError } from './core/errors.ts';
import { isOfTheRun, readScenarios } from './core/journal-stream.ts';
import type { RunFrame, RunRecord, ScenarioRecord } from './core/record.ts';
import type { RunReport, ScenarioDigest } from './core/report.ts';
import type { ScenarioResult } from './core/result.ts';
import { REPORTERS } from './reporters/index.ts';
import type { PageAssets, Reporter } from './reporters/reporter.ts';
import { digestOf } from './reporters/scenario-digest.ts';

/** @throws UsageError when the journal cannot be read */
export function reportOfJournal(path: string): RunReport {
  const judged = new JudgedScenarios();
  const scenarios = readScenarios(path);
  let next = scenarios.next();
  for (; !next.done; next = scenarios.next()) judged.add(next.value);
  return judged.report(next.value);
}

export function reportOf(record: RunRecord): RunReport {
  const judged = new JudgedScenarios();
  for (const scenario of record.scenarios) judged.add(scenario);
  return judged.report(record);
}

/** A run's report while the run goes: each part of the journal is read and judged once. */
export class GrowingReport {
  readonly #judged = new JudgedScenarios();
  #frame: RunFrame | undefined;

  /** @param part what was written since the part before, with whole scenarios */
  add(part: RunRecord): void {
    for (const scenario of part.scenarios) this.#judged.add(scenario);
    const { run, events = [run], unreadableLines = 0 } = this.#frame ?? { run: part.run };
    // Each part begins with the journal's first line again.
    const fresh = part.events.filter(({ type }) => type !== 'run.started');
    const kept = [...events, ...fresh].filter(isOfTheRun);
    const last = fresh.at(-1);
    this.#frame = {
      run,
      events: last && kept.at(-1) !== last ? [...kept, last] : kept,
      unreadableLines: unreadableLines + part.unreadableLines,
    };
  }

  /** Of the last scenario that was added. */
  get last(): ScenarioResult | undefined {
    return this.#judged.last;
  }

  report(): RunReport {
    if (!this.#frame) throw new Error('there is nothing to report yet');
    return this.#judged.report(this.#frame);
  }
}

class JudgedScenarios {
  readonly #results: ScenarioResult[] = [];
  readonly #digests: ScenarioDigest[] = [];

  add(record: ScenarioRecord): void {
    const result = judgeScenario(record);
    this.#results.push(result);
    this.#digests.push(digestOf(record, result));
  }

  get last(): ScenarioResult | undefined {
    return this.#results.at(-1);
  }

  report(frame: RunFrame): RunReport {
    return {
      result: runResult(frame, this.#results),
      digests: [...this.#digests],
      topology: frame.run.topology,
      plan: frame.run.plan,
      unreadableLines: frame.unreadableLines,
    };
  }
}

export interface ReportsWritten {
  readonly paths: readonly string[];
  /** One for each reporter that failed, with what it could not write. */
  readonly errors: readonly Error[];
}

/** A reporter that fails costs its own files, never the others and never the run. @param reporters default: all of them */
export function writeReports(
  folder: string,
  report: RunReport,
  assets: PageAssets,
  reporters: readonly Reporter[] = REPORTERS,
): ReportsWritten {
  const paths: string[] = [];
  const errors: Error[] = [];
  for (const { name, file, render } of reporters) {
    try {
      for (const [path, text] of Object.entries(render(report, assets))) {
        paths.push(writeWhole(join(folder, path), text));
      }
    } catch (thrown) {
      const where = join(folder, file);
      errors.push(
        new Error(`the ${name} report could not be written to ${where}`, { cause: asError(thrown) }),
      );
    }
  }
  return { paths, errors };
}

/** Written aside and renamed: a reader never sees half a report, and an older one stays until the new one is whole. */
function writeWhole(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
}
