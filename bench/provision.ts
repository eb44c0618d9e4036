// npm run bench:provision [-- --runs 3] [-- --sequential 1]
// From images built to five nodes Ready, the VIP answering and logapi 6/6, with the time per step, beside the same steps
// done one after the other on one host after the other.
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { loadTopology } from '../harness/cluster/topology.ts';
import { interruptible, prepareImages, withEngine } from '../harness/commands/environment.ts';
import { Progress } from '../harness/commands/progress.ts';
import { silentProgress } from '../harness/core/progress.ts';
import type { Provider } from '../harness/core/provider.ts';
import type { StepTime } from '../harness/core/result.ts';
import { DEFAULT_PROFILE } from '../harness/profiles/index.ts';
import { providerKind } from '../harness/providers/index.ts';
import { newRunId } from '../harness/run/folder.ts';
import { makeCluster } from '../harness/run/lab.ts';

interface Measurement {
  readonly totalMs: number;
  readonly steps: readonly StepTime[];
}

async function measure(provider: Provider, sequential: boolean, signal: AbortSignal): Promise<Measurement> {
  const runId = newRunId(new Date());
  const startedAt = performance.now();
  try {
    const { steps } = await makeCluster({
      provider,
      topology: loadTopology().topology,
      profile: DEFAULT_PROFILE,
      runId,
      sequential,
      progress: silentProgress,
      signal,
      logFolder: join(tmpdir(), `holdfast-bench-${runId}`),
    });
    return { totalMs: performance.now() - startedAt, steps };
  } finally {
    await provider.destroy(runId);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(8);
}

function medianOfStep(measurements: readonly Measurement[], name: string): number {
  return median(measurements.map(({ steps }) => steps.find((step) => step.name === name)?.ms ?? Number.NaN));
}

function print(parallel: readonly Measurement[], sequential: readonly Measurement[]): void {
  const names = parallel[0]?.steps.map((step) => step.name) ?? [];
  const width = Math.max(...names.map((name) => name.length), 'total'.length);
  console.log(`${'step (median)'.padEnd(width)}  parallel  sequential`);
  for (const name of names) {
    const other = sequential.length === 0 ? '' : seconds(medianOfStep(sequential, name));
    console.log(`${name.padEnd(width)}  ${seconds(medianOfStep(parallel, name))}  ${other}`);
  }
  const totals = parallel.map(({ totalMs }) => totalMs);
  const otherTotals = sequential.map(({ totalMs }) => totalMs);
  const other = sequential.length === 0 ? '' : seconds(median(otherTotals));
  console.log(`${'total'.padEnd(width)}  ${seconds(median(totals))}  ${other}`);
  console.log(`each run: ${[...totals, ...otherTotals].map((ms) => seconds(ms).trim()).join(', ')}`);
  if (sequential.length > 0)
    console.log(`ratio parallel : sequential = ${(median(totals) / median(otherTotals)).toFixed(2)}`);
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, sequential: { type: 'string', default: '1' } },
});
const progress = new Progress({ plain: true });
const phase: typeof progress.phase = (title, work) => progress.phase(title, work);
await interruptible(progress, (signal) =>
  withEngine(async () => {
    const images = await prepareImages(DEFAULT_PROFILE, phase, signal);
    const provider = await providerKind('containers').open(images);
    const [runs, sequentialRuns] = [Number(values.runs), Number(values.sequential)];
    const parallel: Measurement[] = [];
    const sequential: Measurement[] = [];
    for (let index = 0; index < Math.max(runs, sequentialRuns); index += 1) {
      if (index < runs) {
        progress.note(`parallel run ${index + 1} of ${runs}`);
        parallel.push(await measure(provider, false, signal));
      }
      if (index < sequentialRuns) {
        progress.note(`sequential run ${index + 1} of ${sequentialRuns}`);
        sequential.push(await measure(provider, true, signal));
      }
    }
    print(parallel, sequential);
  }),
);
process.exit();
