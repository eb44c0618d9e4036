// npm run bench:prober [-- --seed N] [--minutes 10] [--repeats 3] [--only outages|load] [--without-cluster] [--json]
// How true the prober's numbers are, and what they cost: known outages at 10 ms, then 20 series at 50 ms for some minutes,
// on the observer of a five-host cluster. Prints tables (with --json: the result, and the tables on stderr). Exit code
// 1 when a demand is not met; what was not measured is not met.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { interruptible } from '../harness/commands/environment.ts';
import { Progress } from '../harness/commands/progress.ts';
import { EXIT_CODES, explainError, HoldfastError, UsageError } from '../harness/core/errors.ts';
import { seededRandom } from '../harness/core/random.ts';
import { type Demand, demandsOnLoad, demandsOnOutages } from './prober-demands.ts';
import { type Load, measureLoad } from './prober-load.ts';
import { type GroupOutages, measureOutages } from './prober-outages.ts';
import { atPlace } from './prober-place.ts';
import { demandTable, loadTable, outageTable } from './prober-tables.ts';

const SEED_LIMIT = 2 ** 31;
const PARTS = ['outages', 'load'] as const;
type Part = (typeof PARTS)[number];

interface Request {
  readonly seed: number;
  readonly minutes: number;
  readonly repeats: number;
  readonly parts: readonly Part[];
  readonly withoutCluster: boolean;
  readonly json: boolean;
}

interface Result {
  readonly seed: number;
  readonly startedAt: string;
  readonly place: string;
  readonly outages: readonly GroupOutages[] | undefined;
  readonly load: Load | undefined;
  readonly demands: readonly Demand[];
}

function requestFrom(argv: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: String(randomInt(SEED_LIMIT)) },
      minutes: { type: 'string', default: '10' },
      repeats: { type: 'string', default: '3' },
      only: { type: 'string' },
      'without-cluster': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const only = PARTS.find((part) => part === values.only);
  if (values.only !== undefined && !only) {
    throw new UsageError(`--only takes ${PARTS.join(' or ')}, not ${values.only}`);
  }
  return {
    seed: numberIn('--seed', values.seed, 0, SEED_LIMIT),
    minutes: numberIn('--minutes', values.minutes, 0.1, 24 * 60),
    repeats: numberIn('--repeats', values.repeats, 1, 100),
    parts: only ? [only] : PARTS,
    withoutCluster: values['without-cluster'],
    json: values.json,
  };
}

function numberIn(flag: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max)) {
    throw new UsageError(`${flag} takes a number from ${min} to ${max}, not ${text}`);
  }
  return value;
}

async function measure(request: Request, progress: Progress, signal: AbortSignal): Promise<Result> {
  const { seed, minutes, repeats, parts, withoutCluster } = request;
  const startedAt = new Date().toISOString();
  const note = (text: string): void => progress.note(text);
  note(`seed ${seed}`);
  return atPlace({ withoutCluster, progress, signal }, async (place) => {
    const random = seededRandom(seed);
    const outages = parts.includes('outages')
      ? await measureOutages({ place, random, repeats, note, signal })
      : undefined;
    const load = parts.includes('load') ? await measureLoad({ place, minutes, note, signal }) : undefined;
    const demands = [...(outages ? demandsOnOutages(outages) : []), ...(load ? demandsOnLoad(load) : [])];
    return { seed, startedAt, place: place.name, outages, load, demands };
  });
}

function print(result: Result, json: boolean): void {
  const { seed, place, outages, load, demands } = result;
  const text = [
    `on ${place}, seed ${seed}`,
    ...(outages ? [outageTable(outages)] : []),
    ...(load ? [loadTable(load)] : []),
    demandTable(demands),
  ].join('\n\n');
  (json ? process.stderr : process.stdout).write(`${text}\n`);
  // A map has no form in JSON of its own.
  const plain = (_key: string, value: unknown): unknown =>
    value instanceof Map ? Object.fromEntries(value) : value;
  if (json) process.stdout.write(`${JSON.stringify(result, plain, 2)}\n`);
}

async function main(): Promise<number> {
  const progress = new Progress({ plain: true });
  try {
    const request = requestFrom(process.argv.slice(2));
    const result = await interruptible(progress, (signal) => measure(request, progress, signal));
    print(result, request.json);
    return result.demands.every(({ isMet }) => isMet) ? EXIT_CODES.pass : EXIT_CODES.fail;
  } catch (thrown) {
    progress.note(explainError(thrown));
    return thrown instanceof HoldfastError ? thrown.exitCode : EXIT_CODES.inconclusive;
  }
}

process.exitCode = await main();
// Whatever is still open must not keep this program.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit();
