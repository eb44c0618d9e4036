// Conditions on which a scenario is broken off, read from what is seen while it runs. Pure: events in, an answer out.
import { durationOf } from '../core/duration.ts';
import { UsageError } from '../core/errors.ts';
import type { Capability, JournalEvent } from '../core/record.ts';
import { spoken } from '../core/text.ts';
import type { Topology } from '../core/topology.ts';

/** Shorter ones would be met by the pause between two samples. */
const SHORTEST_MS = 1_000;
const GRAMMAR = ['api down 60s', 'vip lost 20s', 'etcd unhealthy 30s', '2 nodes not ready 90s'] as const;

export interface AbortCondition {
  /** As it was said. */
  readonly text: string;
  readonly subject: 'api' | 'vip' | 'etcd' | 'nodes';
  /** Of nodes: how many, at least. */
  readonly least: number;
  readonly durationMs: number;
}

/** @throws UsageError that shows what can be said */
export function parseAbortCondition(text: string): AbortCondition {
  const said = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const [, count, subject = '', duration = ''] =
    /^(?:(\d+) )?(api down|vip lost|etcd unhealthy|nodes? not ready) (\S+)$/.exec(said) ?? [];
  const isNodes = subject.startsWith('node');
  const durationMs = durationOf(duration);
  if (subject === '' || durationMs === undefined || isNodes !== (count !== undefined) || count === '0') {
    throw new UsageError(`--abort-when does not understand "${text}"`, {
      hint: `say one of ${GRAMMAR.map((one) => `"${one}"`).join(', ')}, with a duration such as 500ms, 30s or 2m`,
    });
  }
  if (durationMs < SHORTEST_MS) {
    throw new UsageError(
      `--abort-when "${text}" is too short: one second is the least that can be told apart`,
    );
  }
  const [first] = isNodes ? (['nodes'] as const) : [subject.split(' ')[0] as 'api' | 'vip' | 'etcd'];
  return { text: said, subject: first, least: Number(count ?? 1), durationMs };
}

/** Why a condition can never be seen on a cluster; undefined when it can. */
export function neverSeen({ subject, text, least }: AbortCondition, topology: Topology): string | undefined {
  if (subject === 'vip' && topology.found !== undefined && topology.found.vip.by !== 'keepalived') {
    return `"${text}" cannot be seen: who holds the VIP is not for keepalived to say there`;
  }
  const nodes = topology.hosts.filter(
    ({ roles }) => roles.includes('master') || roles.includes('node'),
  ).length;
  return subject === 'nodes' && least > nodes
    ? `"${text}" can never come about: the cluster has ${nodes} nodes`
    : undefined;
}

export interface ConditionMet {
  readonly condition: string;
  /** Since when it has held without a break. */
  readonly sinceMs: number;
  /** What was seen, in words. */
  readonly detail: string;
}

/** What a condition needs to know of the time before: fed with events, asked with a clock. */
interface Sight {
  see(event: JournalEvent): void;
  /** Since when it has been so; undefined while it is not, or while nothing is known. */
  readonly sinceMs: number | undefined;
  readonly detail: string;
  /** Nothing that is watched could ever tell. Known once the probes have started. */
  readonly isBlind: boolean;
}

export class AbortConditions {
  readonly #sights: readonly { readonly condition: AbortCondition; readonly sight: Sight }[];

  constructor(conditions: readonly AbortCondition[]) {
    this.#sights = conditions.map((condition) => ({ condition, sight: sightOf(condition) }));
  }

  see(event: JournalEvent): void {
    for (const { sight } of this.#sights) sight.see(event);
  }

  /** The first condition that has held for its time; undefined while none has. */
  met(nowMs: number): ConditionMet | undefined {
    for (const { condition, sight } of this.#sights) {
      const { sinceMs, detail } = sight;
      if (sinceMs === undefined || nowMs - sinceMs < condition.durationMs) continue;
      return { condition: condition.text, sinceMs, detail: `${detail} for ${spoken(nowMs - sinceMs)}` };
    }
    return undefined;
  }

  /** Conditions that nothing which is watched could ever meet: to go on with them would be to go on without. */
  get blind(): readonly string[] {
    return this.#sights.filter(({ sight }) => sight.isBlind).map(({ condition }) => condition.text);
  }
}

function sightOf({ subject, least }: AbortCondition): Sight {
  if (subject === 'api')
    return new NoAnswer('api', 'no series that asks the API through the VIP had an answer');
  if (subject === 'etcd') return new NoAnswer('etcd', 'no member of etcd said that it is healthy');
  return subject === 'vip' ? new NobodyHolds() : new NodesNotReady(least);
}

/** No series of a capability had a good answer. That nothing is heard any more counts: silence is no good answer. */
class NoAnswer implements Sight {
  readonly detail: string;
  readonly #capability: Capability;
  #series = new Set<string>();
  #lastMs: number | undefined;
  #hasStarted = false;

  constructor(capability: Capability, detail: string) {
    this.#capability = capability;
    this.detail = detail;
  }

  see(event: JournalEvent): void {
    if (event.type === 'probes.started') {
      this.#hasStarted = true;
      const own = event.probes.filter(({ capability }) => capability === this.#capability);
      this.#series = new Set([...this.#series, ...own.map(({ name }) => name)]);
      if (this.#series.size > 0) this.#lastMs ??= event.atMs;
    }
    if (event.type !== 'sample' || !event.ok || !this.#series.has(event.probe)) return;
    // Stamped at its start, written down at its end: they may come out of order.
    this.#lastMs = Math.max(this.#lastMs ?? 0, event.atMs + event.durationMs);
  }

  get sinceMs(): number | undefined {
    return this.#lastMs;
  }

  get isBlind(): boolean {
    return this.#hasStarted && this.#series.size === 0;
  }
}

class NobodyHolds implements Sight {
  readonly detail = 'no master held the VIP';
  readonly isBlind = false;
  readonly #holders = new Set<string>();
  #sinceMs: number | undefined;

  see(event: JournalEvent): void {
    if (event.type !== 'vip.address') return;
    if (event.present) this.#holders.add(event.host);
    else this.#holders.delete(event.host);
    this.#sinceMs = this.#holders.size > 0 ? undefined : (this.#sinceMs ?? event.atMs);
  }

  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }
}

class NodesNotReady implements Sight {
  readonly isBlind = false;
  readonly #least: number;
  readonly #notReady = new Set<string>();
  #sinceMs: number | undefined;

  constructor(least: number) {
    this.#least = least;
  }

  see(event: JournalEvent): void {
    if (event.type !== 'node') return;
    if (event.ready === 'True') this.#notReady.delete(event.node);
    else this.#notReady.add(event.node);
    this.#sinceMs = this.#notReady.size < this.#least ? undefined : (this.#sinceMs ?? event.atMs);
  }

  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  get detail(): string {
    return `${[...this.#notReady].join(', ')} ${this.#notReady.size === 1 ? 'was' : 'were'} not Ready`;
  }
}
