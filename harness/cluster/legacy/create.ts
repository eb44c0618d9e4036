// Kubernetes v1.4.5 as the seed makes it: its plan gone through on hosts that a provider has made, row by row.
import { runSteps, type Step } from '../../core/steps.ts';
import type { ProgressListener } from '../../core/progress.ts';
import type { Lab } from '../../core/provider.ts';
import type { StepTime } from '../../core/result.ts';
import type { PlannedRow, SeedPlan } from '../../profiles/v1.4.5/plan.ts';
import { VERSION } from '../../profiles/v1.4.5/names.ts';
import { writeMarker } from '../marker.ts';
import { requireWhole, type BundleFolder } from './bundle-folder.ts';
import { deedLimitMs, perform } from './perform.ts';
import { Repairs, type RepairDone } from './repairs.ts';
import type { Performance } from './turn.ts';

export interface CreateSeedClusterOptions {
  readonly lab: Lab;
  readonly plan: SeedPlan;
  readonly bundle: BundleFolder;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface SeedCluster {
  readonly steps: readonly StepTime[];
  /** The errors of the seed that showed, in order, and what was done about each. */
  readonly repairs: readonly RepairDone[];
}

/** For what stands around a command: whether it is done already, and repairs. */
const ROW_EXTRA_MS = 120_000;

/** Each row on all its hosts side by side, before the next begins. What is done already is not done again. */
export async function createSeedCluster(options: CreateSeedClusterOptions): Promise<SeedCluster> {
  const { lab, plan, bundle, progress, signal } = options;
  requireWhole(bundle, plan);
  const repairs = new Repairs({ lab, plan });
  const context: Performance = { lab, bundle, repairs, progress, token: { value: undefined } };
  const times = await runSteps(stepsOf(plan), context, { progress, ...(signal && { signal }) });
  await writeMarker(lab, VERSION);
  return { steps: times, repairs: repairs.done };
}

function stepsOf({ rows }: SeedPlan): readonly Step<Performance>[] {
  return rows.map((planned, index) => {
    const before = rows[index - 1];
    return {
      name: nameOf(planned),
      needs: before ? [nameOf(before)] : [],
      timeoutMs: limitOf(planned),
      run: async (context, signal) => {
        await Promise.all(
          planned.hosts.map(async ({ name, deeds }) => {
            for (const deed of deeds) {
              await perform(deed, {
                ...context,
                row: planned.row.id,
                step: nameOf(planned),
                host: name,
                signal,
              });
            }
          }),
        );
      },
    };
  });
}

function nameOf({ row }: PlannedRow): string {
  return `${row.chapter} ${row.id}`;
}

function limitOf({ hosts }: PlannedRow): number {
  const perHost = hosts.map(({ deeds }) => deeds.reduce((sum, deed) => sum + deedLimitMs(deed), 0));
  return ROW_EXTRA_MS + Math.max(0, ...perHost);
}
