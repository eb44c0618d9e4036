// Reads a topology file: YAML with positions, shape by zod, the seed's rules, the seed's values for what is left out.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parse,
  parseDocument,
  type Document,
  type ParsedNode,
} from 'yaml';
import type { z } from 'zod';
import { asError, UsageError } from '../core/errors.ts';
import { nearestName } from '../core/suggest.ts';
import type { HostPlan, Topology } from '../core/topology.ts';
import { formatPath, problemsOf, warningsOf, type Problem } from './topology-rules.ts';
import { topologySchema, type HostEntry, type TopologyFile } from './topology-schema.ts';

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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return `${fileName}:${line}:${col}: this is not YAML: ${error.message}`;
    });
    throw unusable(fileName, problems);
  }
  const defaults: unknown = parse(readText(SEED));
  const name = basename(fileName).replace(/\.ya?ml$/, '');
  const own: unknown = document.toJS() ?? {};
  const read = topologySchema.safeParse(overlay(overlay(defaults, { name }), own));
  const reject = (problems: readonly Problem[]): never => {
    throw unusable(fileName, locate(problems, document, lines, fileName));
  };
  if (!read.success) return reject(read.error.issues.flatMap(describeIssue(own)));
  const topology = completed(read.data);
  const problems = problemsOf(topology);
  return problems.length > 0 ? reject(problems) : { topology, warnings: warningsOf(topology) };
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

/** What follows from the position in the file: priorities 100, 95, 90 …, members etcd01, etcd02 … */
function completed(file: TopologyFile): Topology {
  const [address = '', prefixLength] = file.vip.split('/');
  const masters = file.hosts.filter((host) => host.roles.includes('master'));
  const members = file.hosts.filter((host) => host.roles.includes('etcd'));
  return {
    ...file,
    vip: { address, prefixLength: Number(prefixLength) },
    hosts: file.hosts.map((host) => completedHost(host, masters.indexOf(host), members.indexOf(host))),
  };
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

function describeIssue(file: unknown): (issue: z.core.$ZodIssue) => Problem[] {
  return (issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code !== 'unrecognized_keys') {
      const found = describeValue(path.reduce<unknown>(valueAt, file));
      return [{ path, text: `found ${found}, expected ${issue.message}` }];
    }
    const known = knownKeys(path);
    return issue.keys.map((key) => {
      const meant = nearestName(key, known);
      const advice = meant ? `did you mean ${meant}?` : 'remove it';
      return { path: [...path, key], text: `unknown key, expected one of ${known.join(', ')}; ${advice}` };
    });
  };
}

function valueAt(container: unknown, key: string | number): unknown {
  return typeof container === 'object' && container !== null
    ? (container as Record<string | number, unknown>)[key]
    : undefined;
}

function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
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

/** Problems in the file's order, each at its key, or at what should hold it. */
function locate(
  problems: readonly Problem[],
  document: Document.Parsed,
  lines: LineCounter,
  fileName: string,
): string[] {
  const placed = problems.map((problem) => ({
    ...problem,
    offset: offsetOf(document.contents, problem.path),
  }));
  return placed
    .sort((a, b) => a.offset - b.offset)
    .map(({ path, text, offset }) => {
      const { line, col } = lines.linePos(offset);
      const [first] = path;
      const subject = path.length === 0 ? '' : `${formatPath(path)}: `;
      const inherited =
        first === undefined || document.has(first) ? '' : ' (from the seed: this file leaves it out)';
      return `${fileName}:${line}:${col}: ${subject}${text}${inherited}`;
    });
}

function offsetOf(contents: ParsedNode | null, path: readonly (string | number)[]): number {
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (!pair || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else return offset;
  }
  return offset;
}

function unknownTopology(name: string): UsageError {
  const names = listTopologies();
  const meant = nearestName(name, names);
  return new UsageError(`no topology is called ${name}`, {
    hint: `${meant ? `did you mean ${meant}? ` : ''}There are: ${names.join(', ')}. A path to a YAML file works too.`,
  });
}

function unusable(fileName: string, problems: readonly string[]): UsageError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new UsageError(`${fileName} is no usable topology, ${count}:\n${problems.join('\n')}`, {
    hint: 'every key is explained in docs/topology.md; fixtures/topologies/seed.yaml is a complete example',
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new UsageError(`the topology ${path} cannot be read`, { cause: asError(thrown) });
  }
}
