// From the rows of the seed and a topology to what is done on each host, in order. Pure: so that it can be shown beforehand, and
// compared with what was done.
import { clusterMembers, hostsWithRole, type HostPlan, type Topology } from '../../core/topology.ts';
import { firstMaster, seedFile } from './files.ts';
import { BUNDLE_FILES } from './names.ts';
import {
  CHOICES,
  type Choices,
  type CommandDeed,
  type Deed,
  type HostSet,
  type Row,
  type SeedEdit,
} from './row.ts';
import { ROWS } from './rows.ts';

export type PlannedDeed =
  | PlannedCommand
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  | { readonly kind: 'edit'; readonly path: string; readonly edit: SeedEdit }
  /** Files of the bundle are brought to a folder, each by its own path in the bundle. */
  | { readonly kind: 'bring'; readonly files: string; readonly to: string; readonly optional: boolean }
  | { readonly kind: 'hand-over'; readonly from: string; readonly path: string };

/** All placeholders are filled in but the token, which is known when kubeadm init has printed it. */
export type PlannedCommand = Omit<CommandDeed, 'forEach'>;

export interface PlannedRow {
  readonly row: Row;
  readonly hosts: readonly { readonly name: string; readonly deeds: readonly PlannedDeed[] }[];
}

export interface SeedPlan {
  /** In the order in which they are gone through, each on all its hosts before the next. */
  readonly rows: readonly PlannedRow[];
  /** What is done only where an error of the seed shows, by the row's id. */
  readonly repairs: readonly PlannedRow[];
}

export interface PlanOptions {
  readonly topology: Topology;
  readonly choices?: Partial<Choices>;
  /** Of the hosts' network; default eth0, as in the seed. */
  readonly interfaceName?: string;
  /** The log service's manifest in the API groups of that age. */
  readonly logapi: string;
}

const TOKEN = '{{token}}';

export function planSeed(options: PlanOptions): SeedPlan {
  const choices = chosen(options.topology, options.choices);
  const planned = ROWS.filter(({ when = {} }) =>
    Object.entries(when).every(([choice, value]) => choices[choice as keyof Choices] === value),
  ).map((row) => planRow(row, options));
  return {
    rows: planned.filter(({ row }) => row.fate !== 'repair' && row.deeds.length > 0),
    repairs: planned.filter(({ row }) => row.fate === 'repair'),
  };
}

/** What was not chosen is as the seed recommends; of its two kinds of kube-dns the topology may name one. */
function chosen({ dns = 'none' }: Topology, said: Partial<Choices> = {}): Choices {
  const usual: Choices = {
    packages: CHOICES.packages[0],
    etcd: CHOICES.etcd[0],
    keepalived: CHOICES.keepalived[0],
    vip: CHOICES.vip[0],
    dns: dns === 'none' ? CHOICES.dns[0] : dns,
  };
  return { ...usual, ...said };
}

export function withToken(text: string, token: string): string {
  return text.replaceAll(TOKEN, token);
}

function planRow(row: Row, options: PlanOptions): PlannedRow {
  const hosts = hostsOf(row.on, options.topology).map((host) => ({
    name: host.name,
    deeds: row.deeds.flatMap((deed) => planDeed(deed, host, options)),
  }));
  return { row, hosts };
}

function planDeed(deed: Deed, host: HostPlan, options: PlanOptions): readonly PlannedDeed[] {
  const { topology, interfaceName = 'eth0', logapi } = options;
  switch (deed.kind) {
    case 'command':
      return planCommand(deed, host, options);
    case 'write': {
      const content = seedFile(deed.file, { topology, host, interfaceName, logapi });
      return [{ kind: 'write', path: deed.path, content }];
    }
    case 'edit':
      return [deed];
    case 'bring': {
      const file: { readonly pattern: string; readonly optional?: true } = BUNDLE_FILES[deed.from];
      return [{ kind: 'bring', files: file.pattern, to: deed.to, optional: file.optional === true }];
    }
    case 'hand-over':
      return [{ kind: 'hand-over', from: firstMaster(topology).name, path: deed.path }];
  }
}

function planCommand(
  { forEach, ...deed }: CommandDeed,
  host: HostPlan,
  options: PlanOptions,
): readonly PlannedCommand[] {
  const values = placeholders(host, options);
  const turns = forEach ? hostsOf(forEach, options.topology).map(({ name }) => name) : [undefined];
  return turns.map((each) => {
    const fill = (text: string): string => filled(text, { ...values, ...(each !== undefined && { each }) });
    return {
      ...deed,
      command: fill(deed.command),
      ...(deed.unless !== undefined && { unless: fill(deed.unless) }),
      ...(deed.expect !== undefined && { expect: fill(deed.expect) }),
    };
  });
}

function placeholders(
  host: HostPlan,
  { topology, interfaceName = 'eth0' }: PlanOptions,
): Readonly<Record<string, string>> {
  const { vip } = topology;
  const etcd = hostsWithRole(topology, 'etcd');
  return {
    token: TOKEN,
    host: host.name,
    address: host.address,
    interface: interfaceName,
    vip: vip.address,
    vipCidr: `${vip.address}/${vip.prefixLength}`,
    vipNetmask: netmask(vip.prefixLength),
    etcdEndpoints: etcd.map(({ address }) => `http://${address}:2379`).join(','),
    hostsLines: topology.hosts.map(({ address, name }) => `${address} ${name}`).join('\n'),
    masterCount: String(hostsWithRole(topology, 'master').length),
    etcdMembers: all(
      etcd.map(({ etcdName = '', address }) => `name=${etcdName} peerURLs=http://${address}:2380`),
    ),
    everyoneReady: all(clusterMembers(topology).map(({ name }) => `${name} +Ready `)),
  };
}

/** A regular expression for texts that have all of these. */
function all(patterns: readonly string[]): string {
  return patterns.map((pattern) => `(?=[\\s\\S]*${pattern.replaceAll('.', '\\.')})`).join('');
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for the placeholder {{${name}}} in: ${text}`);
    return value;
  });
}

function netmask(prefixLength: number): string {
  const bits = (0xffffffff << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

function hostsOf(set: HostSet, topology: Topology): readonly HostPlan[] {
  const first = firstMaster(topology);
  const etcd = hostsWithRole(topology, 'etcd');
  switch (set) {
    case 'every host':
      return topology.hosts;
    case 'first master':
      return [first];
    case 'other masters':
      return hostsWithRole(topology, 'master').filter((host) => host !== first);
    case 'masters':
      return hostsWithRole(topology, 'master');
    case 'nodes':
      return hostsWithRole(topology, 'node');
    case 'etcd hosts':
      return etcd;
    case 'first etcd host':
      return etcd.slice(0, 1);
  }
}
