// The cluster's nodes, pods and leader-election leases as they were last told, and what is new in what is told now.
import type { SeenLine } from '../protocol.ts';
import type { WatchedObject, WatchEvent } from './watch-lines.ts';

export type Kind = 'node' | 'pod' | 'lease';

type Seen = Extract<SeenLine['seen'], { type: Kind }>;

/** Of all leases in kube-system these elect the leaders of the control plane. */
const ELECTIONS: ReadonlySet<string | undefined> = new Set(['kube-controller-manager', 'kube-scheduler']);

interface Known {
  readonly seen: Seen;
  /** The same text as long as there is nothing new. */
  readonly text: string;
  readonly version: number;
}

export class ClusterState {
  readonly #known: Readonly<Record<Kind, Map<string, Known>>> = {
    node: new Map(),
    pod: new Map(),
    lease: new Map(),
  };
  readonly #hostnames: Readonly<Record<string, string>>;

  /** @param hostnames what a host calls itself → the host, where these differ */
  constructor(hostnames: Readonly<Record<string, string>> = {}) {
    this.#hostnames = hostnames;
  }

  /** @returns what is new; nothing for an object that is older than what is known */
  apply(kind: Kind, { type, object }: Pick<WatchEvent, 'type' | 'object'>): Seen[] {
    if (type === 'DELETED') return this.#remove(kind, nameOf(object));
    const seen = this.#seen(kind, object);
    if (!seen) return [];
    const name = nameOf(object);
    const known = this.#known[kind].get(name);
    const version = Number(object.metadata.resourceVersion ?? 0);
    if (known && version < known.version) return [];
    // Every renewal of a lease is news.
    const text = kind === 'lease' ? `${version}` : JSON.stringify(seen);
    this.#known[kind].set(name, { seen, text, version });
    return known?.text === text ? [] : [seen];
  }

  /** @returns what is new in a whole list, what is no longer in it included */
  replace(kind: Kind, objects: readonly WatchedObject[]): Seen[] {
    const names = new Set(objects.map(nameOf));
    const gone = [...this.#known[kind].keys()].filter((name) => !names.has(name));
    return [
      ...gone.flatMap((name) => this.#remove(kind, name)),
      ...objects.flatMap((object) => this.apply(kind, { type: 'ADDED', object })),
    ];
  }

  /** Whether a list holds nothing newer than what is known. */
  isUpToDate(kind: Kind, objects: readonly WatchedObject[]): boolean {
    return objects.every((object) => {
      if (!seenOf(kind, object)) return true;
      const known = this.#known[kind].get(nameOf(object));
      return known !== undefined && Number(object.metadata.resourceVersion ?? 0) <= known.version;
    });
  }

  #seen(kind: Kind, object: WatchedObject): Seen | undefined {
    const seen = seenOf(kind, object);
    if (seen?.type !== 'lease' || seen.holder === undefined) return seen;
    return { ...seen, holder: this.#hostnames[seen.holder] ?? seen.holder };
  }

  #remove(kind: Kind, name: string): Seen[] {
    const known = this.#known[kind].get(name);
    this.#known[kind].delete(name);
    return known?.seen.type === 'pod' ? [{ ...known.seen, ready: false, deleted: 'gone' }] : [];
  }
}

function nameOf({ metadata: { namespace = '', name = '' } }: WatchedObject): string {
  return `${namespace}/${name}`;
}

function seenOf(kind: Kind, object: WatchedObject): Seen | undefined {
  switch (kind) {
    case 'node':
      return nodeSeen(object);
    case 'pod':
      return podSeen(object);
    case 'lease':
      return ELECTIONS.has(object.metadata.name) ? leaseSeen(object) : undefined;
  }
}

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
}

interface NodeObject extends WatchedObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

function nodeSeen(node: NodeObject): Seen {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    type: 'node',
    node: node.metadata.name ?? '',
    // A node that has never said anything has no condition.
    ready: ready?.status ?? 'Unknown',
    ...(ready?.reason !== undefined && { reason: ready.reason }),
  };
}

interface PodObject extends WatchedObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

function podSeen({ metadata, spec, status }: PodObject): Seen {
  return {
    type: 'pod',
    pod: `${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
    phase: status?.phase ?? 'Unknown',
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    ...(metadata.deletionTimestamp !== undefined && { deleted: 'begun' as const }),
  };
}

interface LeaseObject extends WatchedObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseTransitions?: number;
    readonly leaseDurationSeconds?: number;
  };
}

function leaseSeen({ metadata, spec }: LeaseObject): Seen {
  // "<hostname>_<uuid>", as client-go's leader election names its candidates.
  const holder = spec?.holderIdentity?.replace(/_[^_]*$/, '');
  return {
    type: 'lease',
    lease: metadata.name ?? '',
    ...(holder !== undefined && holder !== '' && { holder }),
    transitions: spec?.leaseTransitions ?? 0,
    durationS: spec?.leaseDurationSeconds ?? 0,
  };
}
