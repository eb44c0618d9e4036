// npm run test:undo [-- --only fault[,fault]] [--column name[,name]] [--run id | --labs n] [--over docker|ssh] [--json]
// Whether every fault is undone, however the harness that injected it ends: faults × {normal, exception in the body,
// SIGINT, SIGTERM, SIGKILL, SIGKILL + reboot of the host}, on a real lab. With --over ssh on a cluster that holdfast did not build
// and reaches over SSH, by the cluster's own network or (--way management) another; then the harness loses its network too. Prints a Markdown table (with --json: the result,
// and the table on stderr). Exit code 1 when a cell is not clean, or a fault has no row.
import { parseArgs } from 'node:util';
import { interruptible } from '../../harness/commands/environment.ts';
import { Progress } from '../../harness/commands/progress.ts';
import { asError, EXIT_CODES, explainError, HoldfastError, UsageError } from '../../harness/core/errors.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import { oneOf, unknownName } from '../../harness/core/suggest.ts';
import { spoken } from '../../harness/core/text.ts';
import { FAULTS } from '../../harness/faults/index.ts';
import { healLeftovers } from '../../harness/run/leftovers.ts';
import { SSH_WAYS, type SshWay } from '../hosts/ssh-lab.ts';
import { tryCell, type Cell } from './cell.ts';
import { columnNamed, columnsOver, WAYS_THERE, type Column, type WayThere } from './columns.ts';
import { atPlaces, type Place } from './place.ts';
import { steadyState, type LabState } from './state.ts';
import { SUBJECTS, type Subject } from './subjects.ts';
import { nameOf, renderTable, type Row } from './table.ts';

const STEADY_TIMEOUT_MS = 150_000;

interface Request {
  /** Of the registry. */
  readonly faults: readonly string[];
  readonly subjects: readonly Subject[];
  readonly columns: readonly Column[];
  /** The lab's. */
  readonly run: string | undefined;
  readonly over: WayThere;
  /** Over SSH. */
  readonly way: SshWay;
  /** How many labs share the rows: most of the time they only wait. */
  readonly labs: number;
  readonly json: boolean;
}

interface Result {
  readonly startedAt: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Faults of the registry of which the table of subjects has none. */
  readonly withoutRow: readonly string[];
}

function requestFrom(argv: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      column: { type: 'string' },
      run: { type: 'string' },
      labs: { type: 'string', default: '1' },
      over: { type: 'string', default: WAYS_THERE[0] },
      way: { type: 'string', default: SSH_WAYS[0] },
      json: { type: 'boolean', default: false },
    },
  });
  const known = FAULTS.map(({ name }) => name);
  const faults = values.only?.split(',').map((name) => name.trim()) ?? known;
  for (const name of faults) {
    if (!known.includes(name)) throw unknownName('fault', name, known);
  }
  const labs = Number(values.labs);
  if (!Number.isSafeInteger(labs) || labs < 1) {
    throw new UsageError(`--labs is a whole number from 1 on; not "${values.labs}"`);
  }
  if (labs > 1 && values.run !== undefined) throw new UsageError('--run names one lab; --labs makes several');
  const over = oneOf(WAYS_THERE, 'way to the hosts', values.over);
  if (over === 'ssh' && values.run !== undefined) {
    throw new UsageError('--over ssh makes its own cluster: --run names none');
  }
  const columns = columnsOver(over);
  return {
    faults,
    labs,
    over,
    way: oneOf(SSH_WAYS, 'way of SSH', values.way),
    subjects: SUBJECTS.filter(({ fault }) => faults.includes(fault)),
    columns: values.column?.split(',').map((typed) => requireColumn(typed, columns)) ?? columns,
    run: values.run,
    json: values.json,
  };
}

function requireColumn(typed: string, columns: readonly Column[]): Column {
  const column = columnNamed(typed, columns);
  if (column) return column;
  throw new UsageError(`there is no column "${typed}"; there are ${columns.join(', ')}`);
}

interface OpenRow extends Row {
  readonly cells: Partial<Record<Column, Cell>>;
}

/** Each place takes the next row that nobody has; what there is when it is interrupted is kept. */
async function fill(
  { subjects, columns }: Request,
  rows: Row[],
  places: readonly Place[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const left = subjects.map((subject): OpenRow => ({ subject, cells: {} }));
  rows.push(...left);
  await Promise.all(
    places.map(async (place) => {
      for (let row = left.shift(); row; row = left.shift()) {
        for (const column of columns) await fillCell(row, column, place, progress, signal);
      }
    }),
  );
}

async function fillCell(
  { subject, cells }: OpenRow,
  column: Column,
  place: Place,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const cell = await tryOn(place, subject, column, signal);
  cells[column] = cell;
  const took = spoken(performance.now() - startedAt);
  const why = cell.problems.length === 0 ? '' : `: ${cell.problems.join('; ')}`;
  progress.note(`${nameOf(subject)} on ${subject.target}, ${column}: ${cell.state} (${took})${why}`);
  if (cell.state === 'dirty') await mend(place, progress, signal);
}

/** A cluster that does not become steady, without any fault in force, costs its cell and not the whole table. */
async function tryOn(place: Place, subject: Subject, column: Column, signal: AbortSignal): Promise<Cell> {
  let before: LabState;
  try {
    before = await steadyState(place.lab, STEADY_TIMEOUT_MS, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    await place.renew();
    return { state: 'not tried', problems: [`it was not steady before: ${asError(thrown).message}`] };
  }
  return tryCell({ subject, column, place, before, signal });
}

/** A cell must not be blamed for what the one before it left. */
async function mend(place: Place, progress: Progress, signal: AbortSignal): Promise<void> {
  const { problems } = await healLeftovers({ lab: place.reached.lab, progress: silentProgress });
  for (const problem of problems) progress.note(`not healed: ${problem}`);
  try {
    await steadyState(place.lab, STEADY_TIMEOUT_MS, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    progress.note(`a new cluster is needed: ${explainError(thrown)}`);
    await place.renew();
  }
}

function print({ columns, rows, withoutRow, ...rest }: Result, json: boolean): void {
  const missing = withoutRow.map(
    (fault) => `- ${fault} has no row: test/undo/subjects.ts names no target for it\n`,
  );
  const text = `${renderTable(columns, rows)}\n${missing.length === 0 ? '' : `\n${missing.join('')}`}`;
  (json ? process.stderr : process.stdout).write(text);
  if (json) process.stdout.write(`${JSON.stringify({ ...rest, columns, rows, withoutRow }, null, 2)}\n`);
}

function isClean({ columns, rows, withoutRow }: Result): boolean {
  const states = rows.flatMap(({ cells }) => columns.map((column) => cells[column]?.state ?? 'not tried'));
  return withoutRow.length === 0 && states.every((state) => state === 'clean' || state === 'unavailable');
}

async function main(): Promise<number> {
  const progress = new Progress({ plain: true });
  try {
    const request = requestFrom(process.argv.slice(2));
    const rows: Row[] = [];
    const withoutRow = request.faults.filter((name) => !SUBJECTS.some(({ fault }) => fault === name));
    const result = { startedAt: new Date().toISOString(), columns: request.columns, rows, withoutRow };
    const where = { run: request.run, way: request.over === 'ssh' ? request.way : undefined };
    try {
      await interruptible(progress, (signal) =>
        atPlaces(request.labs, { ...where, progress, signal }, (places) =>
          fill(request, rows, places, progress, signal),
        ),
      );
    } finally {
      print(result, request.json);
    }
    return isClean(result) ? EXIT_CODES.pass : EXIT_CODES.fail;
  } catch (thrown) {
    progress.note(explainError(thrown));
    return thrown instanceof HoldfastError ? thrown.exitCode : EXIT_CODES.inconclusive;
  }
}

process.exitCode = await main();
// Whatever is still open must not keep this program.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit();
