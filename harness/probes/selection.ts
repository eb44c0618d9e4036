// Which of the probes watch a scenario, and how often each asks.
import { UsageError } from '../core/errors.ts';
import type { ProbeDefinition } from '../core/record.ts';
import { unknownName } from '../core/suggest.ts';
import type { Topology } from '../core/topology.ts';

export interface Cadence {
  readonly intervalMs: number;
  /** Limit on each sample. */
  readonly timeoutMs: number;
}

export type Series = Omit<ProbeDefinition, keyof Cadence>;

/** What probes are made for. */
export interface ProbeContext {
  readonly topology: Topology;
  /** The workload's cluster address; without it nothing is asked from inside pods. */
  readonly serviceAddress?: string;
  /** The cluster DNS's address, where it is deployed. */
  readonly dnsAddress?: string;
}

export interface Probe {
  /** As in the names of its series; `<host>` or `<node>` stands for one series for each host. */
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** Default: CLIENT_CADENCE. */
  readonly cadence?: Cadence;
  series(context: ProbeContext): readonly Series[];
}

/**
 * What a scenario may say of its probes. A name is a probe's, as `holdfast list` prints it ("apiserver-<host>"), or that of
 * one of its series ("apiserver-10-10-102-91.master").
 */
export interface ProbeSelection {
  /** These and no others; default: all. */
  readonly only?: readonly string[];
  readonly without?: readonly string[];
  /** For all, instead of their own. */
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  /** For some; a series' own name counts more than its probe's. */
  readonly each?: Readonly<Record<string, Partial<Cadence>>>;
}

/** For what a client sees. */
export const CLIENT_CADENCE: Cadence = { intervalMs: 100, timeoutMs: 1000 };

/** The finest cadence that the prober keeps, and the coarsest that still measures anything; also for limits. */
const LEAST_MS = 10;
const MOST_MS = 60_000;

/** @throws UsageError */
export function select(
  probes: readonly Probe[],
  context: ProbeContext,
  selection: ProbeSelection,
): readonly ProbeDefinition[] {
  const { only, without = [], each = {} } = selection;
  const all = probes.flatMap((probe) => probe.series(context).map((series) => ({ probe, series })));
  const known = new Set(all.flatMap(({ probe, series }) => [probe.name, series.name]));
  for (const { name } of probes) known.add(name);
  for (const name of [...(only ?? []), ...without, ...Object.keys(each)]) {
    if (!known.has(name)) throw unknownName('probe', name, [...known]);
  }
  checkCadence('all probes', selection);
  for (const [name, cadence] of Object.entries(each)) checkCadence(name, cadence);

  const definitions = all
    .filter(({ probe, series }) => !only || only.includes(probe.name) || only.includes(series.name))
    .filter(({ probe, series }) => !without.includes(probe.name) && !without.includes(series.name))
    .map(({ probe, series }) => ({ ...series, ...cadenceOf(probe, series, selection) }));
  checkWhole(definitions);
  return definitions;
}

function cadenceOf(probe: Probe, series: Series, selection: ProbeSelection): Cadence {
  const { each = {} } = selection;
  // From what counts most to what counts least.
  const said = [each[series.name], each[probe.name], selection, probe.cadence, CLIENT_CADENCE];
  const first = (key: keyof Cadence): number =>
    said.find((one) => one?.[key] !== undefined)?.[key] ?? CLIENT_CADENCE[key];
  return { intervalMs: first('intervalMs'), timeoutMs: first('timeoutMs') };
}

function checkCadence(name: string, cadence: Partial<Cadence>): void {
  for (const key of ['intervalMs', 'timeoutMs'] as const) {
    const value = cadence[key];
    if (value === undefined || (value >= LEAST_MS && value <= MOST_MS)) continue;
    throw new UsageError(`${key} of ${name} is ${value}; it has to be between ${LEAST_MS} and ${MOST_MS}`);
  }
}

function checkWhole(definitions: readonly ProbeDefinition[]): void {
  if (definitions.length === 0) {
    throw new UsageError('the selection of probes leaves none: nothing would be measured');
  }
  const tasks = new Set(definitions.map(({ task }) => task));
  if (tasks.has('watch') && !tasks.has('append')) {
    throw new UsageError(
      'api-watch is selected without api-write: it waits for the records that api-write appends',
    );
  }
}
