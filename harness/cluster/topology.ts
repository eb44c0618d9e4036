// Reads a topology file: YAML with positions, shape by zod, the seed's rules, the seed's values for what is left out.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { asError, UsageError } from '../core/errors.ts';
import { nearestName } from '../core/suggest.ts';
import type { HostPlan, SshSettings, Topology } from '../core/topology.ts';
import { LocatedYaml } from './located-yaml.ts';
import { formatPath, problemsOf, warningsOf, type Problem } from './topology-rules.ts';
import { topologySchema, type HostEntry, type SshEntry, type TopologyFile } from './topology-schema.ts';

const TOPOLOGIES = join(import.meta.dirname, '../../fixtures/topologies');
const SEED = join(TOPOLOGIES, 'seed.yaml');

export interface LoadedTopology {
  readonly topology: Topology;
  /** What works, but less well than its author may think: one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * @param nameOrPath a path, or the name of a file in fixtures/topologies without its ending; default `seed`
 * @throws UsageError with every problem at its file:line:column
 */
export function loadTopology(nameOrPath = 'seed'): LoadedTopology {
  const isPath = /[\\/]|\.ya?ml$/.test(nameOrPath);
  if (!isPath && !listTopologies().includes(nameOrPath)) throw unknownTopology(nameOrPath);
  const path = isPath ? nameOrPath : join(TOPOLOGIES, `${nameOrPath}.yaml`);
  return parseTopology(readText(path), path);
}

/** Names of the topologies that come with holdfast. */
export function listTopologies(): readonly string[] {
  return readdirSync(TOPOLOGIES)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/**
 * @param fileName as it is to stand in errors; without a `name` in the file it names the topology
 * @throws UsageError with every problem at its file:line:column
 */
export function parseTopology(text: string, fileName: string): LoadedTopology {
  const file = new LocatedYaml(text, fileName, {
    what: 'topology',
    hint: 'every key is explained in docs/topology.md; fixtures/topologies/seed.yaml is a complete example',
    leftOut: ' (from the seed: this file leaves it out)',
  });
  const defaults: unknown = parse(readText(SEED));
  const name = nameOf(fileName);
  const read = topologySchema.safeParse(overlay(overlay(defaults, { name }), file.value));
  const reject = (problems: readonly Problem[]): never => {
    throw file.unusable(problems);
  };
  if (!read.success) return reject(file.problemsOf(read.error.issues, knownKeys));
  const topology = completed(read.data, dirname(resolve(fileName)));
  const problems = problemsOf(topology);
  return problems.length > 0 ? reject(problems) : { topology, warnings: warningsOf(topology) };
}

/** Without a name in it, a file is called as it is. */
export function nameOf(fileName: string): string {
  return basename(fileName).replace(/\.ya?ml$/, '');
}

/** Mappings are merged key by key; anything else on top hides what is below. */
function overlay(below: unknown, above: unknown): unknown {
  if (!isPlainObject(below) || !isPlainObject(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    merged[key] = key in below ? overlay(below[key], value) : value;
  }
  return merged;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What follows from the position in the file: priorities 100, 95, 90 …, members etcd01, etcd02 …; and on every host what is
 * said of SSH for all.
 * @param folder to which paths in the file are relative
 */
function completed({ ssh: common, ...file }: TopologyFile, folder: string): Topology {
  const [address = '', prefixLength] = file.vip.split('/');
  const masters = file.hosts.filter((host) => host.roles.includes('master'));
  const members = file.hosts.filter((host) => host.roles.includes('etcd'));
  const sshOf = (own: SshEntry | undefined): { readonly ssh?: SshSettings } =>
    common || own ? { ssh: completedSsh({ ...common, ...own }, folder) } : {};
  const { protect, ...rest } = file;
  return {
    ...rest,
    ...(protect && { protect }),
    vip: { address, prefixLength: Number(prefixLength) },
    hosts: file.hosts.map((host) => ({
      ...completedHost(host, masters.indexOf(host), members.indexOf(host)),
      ...sshOf(host.ssh),
      ...(host.power && { power: host.power }),
    })),
    observer: {
      name: file.observer.name,
      address: file.observer.address,
      ...(file.observer.local ? { local: true as const } : sshOf(file.observer.ssh)),
    },
  };
}

/** Whoever reads it later may stand in another folder. */
export function completedSsh(ssh: SshEntry, folder: string): SshSettings {
  const whole = (path: string | undefined): string | undefined =>
    path === undefined || /^(~\/|\/|%)/.test(path) ? path : join(folder, path);
  const { config, identityFile, knownHosts, ...rest } = ssh;
  const paths = { config: whole(config), identityFile: whole(identityFile), knownHosts: whole(knownHosts) };
  const said = Object.entries({ ...rest, ...paths }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said);
}

function completedHost(host: HostEntry, masterIndex: number, memberIndex: number): HostPlan {
  const { name, address, roles } = host;
  const isMember = memberIndex >= 0;
  const priority = host.priority ?? (masterIndex >= 0 ? 100 - 5 * masterIndex : undefined);
  const etcdName =
    host.etcdName ?? (isMember ? `etcd${String(memberIndex + 1).padStart(2, '0')}` : undefined);
  const etcdDataDir = host.etcdDataDir ?? (isMember && etcdName ? `/var/lib/etcd/${etcdName}` : undefined);
  return {
    name,
    address,
    roles,
    ...(priority !== undefined && { priority }),
    ...(etcdName !== undefined && { etcdName }),
    ...(etcdDataDir !== undefined && { etcdDataDir }),
  };
}

/** The keys that the schema has at a path to a mapping. */
function knownKeys(path: readonly (string | number)[]): string[] {
  const { shape } = topologySchema;
  const shapes: Record<string, object> = {
    '': shape,
    keepalived: shape.keepalived.shape,
    'keepalived.check': shape.keepalived.shape.check.shape,
    observer: shape.observer.shape,
  };
  return Object.keys(shapes[formatPath(path)] ?? shape.hosts.element.shape);
}

function unknownTopology(name: string): UsageError {
  const names = listTopologies();
  const meant = nearestName(name, names);
  return new UsageError(`no topology is called ${name}`, {
    hint: `${meant ? `did you mean ${meant}? ` : ''}There are: ${names.join(', ')}. A path to a YAML file works too.`,
  });
}

export function readText(path: string, what = 'topology'): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new UsageError(`the ${what} ${path} cannot be read`, { cause: asError(thrown) });
  }
}
