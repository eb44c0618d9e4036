// The hosts of a topology, each over its own SSH connections, and the client wherever it is to be.
import { homedir, userInfo } from 'node:os';
import { asError, EnvironmentError, UsageError } from '../../core/errors.ts';
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
}

/**
 * Logs in to all at once, so that what is wrong with a key, an account or sudo is told before anything else.
 * @throws UsageError of the host of which the user has to mend something; EnvironmentError that names all that are not there
 */
export async function connectAll({ hosts, observer }: ReachedHosts): Promise<void> {
  const all = [...hosts, ...(observer instanceof SshHost ? [observer] : [])];
  const outcomes = await Promise.allSettled(all.map((host) => host.connect()));
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [asError(outcome.reason)] : [],
  );
  const [first, ...others] = errors;
  if (!first) return;
  const ofUser = errors.find((error) => error instanceof UsageError);
  if (ofUser) throw ofUser;
  if (others.length === 0) throw first;
  throw new EnvironmentError(
    `${errors.length} hosts cannot be reached:\n${errors.map(({ message }) => message).join('\n')}`,
    {
      cause: new AggregateError(errors, 'hosts answered'),
    },
  );
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
  return {
    hosts: topology.hosts.map((plan) => reacher.host(plan)),
    observer: reacher.observer(topology.observer),
  };
}

class Reacher {
  readonly #resolvers = new Map<string | undefined, SshResolver>();
  /** A jump host that leads to several is connected to once. */
  readonly #jumps = new Map<string, SshConnections>();

  observer(plan: Reachable['observer']): Host {
    return plan.local ? new LocalHost(plan.name, plan.address ?? '127.0.0.1') : this.host(plan);
  }

  host({ name, address = name, ssh: settings = {} }: Reachee): SshHost {
    const target = this.#resolver(settings.config).target(name, address, settings);
    return new SshHost({ address, connections: this.#connections(target) });
  }

  #connections(target: SshTarget): SshConnections {
    return new SshConnections(target, target.jump && this.#jump(target.jump));
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
