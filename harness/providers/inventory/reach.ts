// The hosts of a topology, each over its own SSH connections, and the client wherever it is to be.
import { homedir, userInfo } from 'node:os';
import {
  asError,
  EnvironmentError,
  explainError,
  UsageError,
  type HoldfastError,
} from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { ObserverPlan, SshSettings } from '../../core/topology.ts';
import { LocalHost } from '../../hosts/local-host.ts';
import { SshHost } from '../../hosts/ssh.ts';
import { SshConnections } from '../../hosts/ssh/connections.ts';
import { SshResolver } from '../../hosts/ssh/resolve.ts';
import type { SshTarget } from '../../hosts/ssh/target.ts';

export interface ReachedHosts {
  readonly hosts: readonly SshHost[];
  readonly observer: Host;
  /** Drops all connections; whoever needs one makes it anew. */
  readonly close: () => void;
}

/**
 * Logs in to all at once, so that what is wrong with a key, an account or sudo is told before anything else.
 * @throws UsageError or EnvironmentError that names all hosts on which something has to be mended
 */
export async function connectAll({
  hosts,
  observer,
}: Pick<ReachedHosts, 'hosts' | 'observer'>): Promise<void> {
  const all = [...hosts, observer];
  const outcomes = await Promise.all(all.map((host) => connected(host)));
  const errors = outcomes.filter((outcome) => outcome !== undefined);
  const [first, ...others] = errors;
  if (!first) return;
  if (others.length === 0) throw first;
  throw severalErrors(`${errors.length} hosts cannot be reached`, errors);
}

/** What keeps us from the host; undefined when commands can be run there. */
export async function connected(host: Host): Promise<Error | undefined> {
  if (!(host instanceof SshHost)) return undefined;
  return host.connect().then(
    () => undefined,
    (thrown: unknown) => asError(thrown),
  );
}

/** One error of several, which tells of each with its way out: whoever mends them wants to know all. */
export function severalErrors(what: string, errors: readonly Error[]): HoldfastError {
  const text = `${what}:\n${errors.map((error) => explainError(error)).join('\n')}`;
  return errors.some((error) => error instanceof UsageError)
    ? new UsageError(text)
    : new EnvironmentError(text);
}

export interface Reachable {
  readonly name: string;
  readonly hosts: readonly Reachee[];
  readonly observer: Reachee & Pick<ObserverPlan, 'local'>;
}

interface Reachee {
  readonly name: string;
  /** Absent: an ssh_config says it. */
  readonly address?: string;
  readonly ssh?: SshSettings;
}

/** Nothing is connected yet. @throws UsageError when a host has no `ssh`, or its ssh_config cannot be read */
export function reach(topology: Reachable): ReachedHosts {
  const withoutSsh = topology.hosts.filter(({ ssh }) => ssh === undefined).map(({ name }) => name);
  if (withoutSsh.length > 0) {
    throw new UsageError(`topology ${topology.name} does not say how ${withoutSsh.join(', ')} is reached`, {
      hint: 'ssh: { user: …, identityFile: … } for all hosts, or for each; or ssh: { config: ./ssh_config }',
    });
  }
  const reacher = new Reacher();
  const hosts = topology.hosts.map((plan) => reacher.host(plan));
  const observer = reacher.observer(topology.observer);
  return { hosts, observer, close: () => reacher.close() };
}

class Reacher {
  readonly #resolvers = new Map<string | undefined, SshResolver>();
  /** A jump host that leads to several is connected to once. */
  readonly #jumps = new Map<string, SshConnections>();
  readonly #all: SshConnections[] = [];

  observer(plan: Reachable['observer']): Host {
    return plan.local ? new LocalHost(plan.name, plan.address ?? '127.0.0.1') : this.host(plan);
  }

  host({ name, address = name, ssh: settings = {} }: Reachee): SshHost {
    const target = this.#resolver(settings.config).target(name, address, settings);
    return new SshHost({ address, connections: this.#connections(target) });
  }

  close(): void {
    for (const connections of this.#all) connections.close();
  }

  #connections(target: SshTarget): SshConnections {
    const connections = new SshConnections(target, target.jump && this.#jump(target.jump));
    this.#all.push(connections);
    return connections;
  }

  #jump(target: SshTarget): SshConnections {
    const key = JSON.stringify(target);
    const known = this.#jumps.get(key) ?? this.#connections(target);
    this.#jumps.set(key, known);
    return known;
  }

  #resolver(config: string | undefined): SshResolver {
    const surroundings = { home: homedir(), user: userInfo().username, environment: process.env };
    const known = this.#resolvers.get(config) ?? new SshResolver(surroundings, config);
    this.#resolvers.set(config, known);
    return known;
  }
}
