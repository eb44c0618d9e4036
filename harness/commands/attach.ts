// holdfast attach: a cluster that somebody else built becomes a lab. It is looked at, and nothing on it is changed.
import type { Command } from 'commander';
import { discover, type Discovery } from '../cluster/found/discover.ts';
import { loadInventory, type Inventory } from '../cluster/found/inventory.ts';
import { limitsOf } from '../cluster/found/limits.ts';
import { EnvironmentError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';
import { InventoryProvider } from '../providers/inventory.ts';
import { connectAll, reach } from '../providers/inventory/reach.ts';
import { newRunId } from '../run/folder.ts';
import { Progress } from './progress.ts';

interface AttachFlags {
  readonly name?: string;
  readonly json?: true;
}

const HELP = `
The inventory names the hosts and how they are reached over SSH; roles, VIP, keepalived, etcd and versions are discovered.
It is a YAML file (docs/attach.md), or an ssh_config such as "vagrant ssh-config" prints. Nothing is changed on any host, and
\`holdfast down --run <id>\` forgets the cluster again.

Examples:
  holdfast attach prod.yaml
  vagrant ssh-config > vms && holdfast attach vms --name vms
  holdfast run quick --cluster prod --dry-run             what would be done to whom
  holdfast run quick --cluster prod --yes-break prod`;

export function registerAttach(program: Command): void {
  program
    .command('attach')
    .description('find out all about a cluster that runs already, and make it a lab')
    .argument('<inventory>', 'a YAML file, or an ssh_config')
    .option('--name <name>', 'what the cluster is called (default: as the inventory says, or its file)')
    .option('--json', 'what was found, as JSON')
    .addHelpText('after', HELP)
    .action(async (path: string, flags: AttachFlags) => {
      const read = loadInventory(path);
      const inventory: Inventory = flags.name === undefined ? read : { ...read, name: flags.name };
      const progress = new Progress({ plain: flags.json === true });
      const { discovery, runId } = await progress.phase('looking at the cluster', () => attach(inventory));
      const limits = limitsOf(discovery);
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ run: runId, topology: discovery.topology, limits }, undefined, 2)}\n`
          : `${describe(discovery, limits).join('\n')}\n`,
      );
    });
}

async function attach(
  inventory: Inventory,
): Promise<{ readonly discovery: Discovery; readonly runId: string }> {
  const reached = reach(inventory);
  await connectAll(reached);
  const [discovery] = await Promise.all([
    discover({ inventory, ...reached }),
    requireNode(reached.observer, inventory.name),
  ]);
  const provider = new InventoryProvider();
  const known = (await provider.list()).find(
    ({ topology }) => topology.name === inventory.name && topology.found,
  );
  const runId = known?.runId ?? newRunId(new Date());
  await provider.adopt({
    provider: provider.name,
    runId,
    instance: 0,
    createdAt: new Date().toISOString(),
    topology: discovery.topology,
  });
  return { discovery, runId };
}

/** The prober is a program of Node's. */
async function requireNode(observer: Host, cluster: string): Promise<void> {
  try {
    await observer.run(['node', '--version']);
  } catch (thrown) {
    throw new EnvironmentError(
      `${observer.name} has no node, by which the clients of ${cluster} are measured`,
      {
        cause: thrown,
        hint: 'install Node 18 or newer there, name another host as observer, or say observer: local',
      },
    );
  }
}

function describe({ topology, kubernetes, vip }: Discovery, limits: readonly string[]): readonly string[] {
  const { name, found, observer } = topology;
  const members = hostsWithRole(topology, 'etcd');
  const width = Math.max(...topology.hosts.map((host) => host.name.length));
  return [
    `${name}: Kubernetes ${kubernetes.version} on ${found?.runtime ?? ''}, ${count(topology, 'master')}, ${count(topology, 'node')}`,
    `  VIP ${vip.address}:${vip.port}, ${describeVip({ topology, vip })}`,
    `  etcd: ${members.length} members (${found?.etcd.supervisor === 'static-pod' ? 'static pods' : 'units of systemd'}${found?.etcd.tls ? ', TLS' : ''})`,
    `  client: ${observer.local ? 'this machine' : `${observer.name} (${observer.address})`}`,
    ...topology.hosts.map((host) =>
      [
        `  ${host.name.padEnd(width)}`,
        host.address,
        host.roles.join(', '),
        host.priority === undefined ? '' : `priority ${host.priority}`,
        topology.protect?.includes(host.name) ? 'protected' : '',
      ]
        .filter((word) => word !== '')
        .join('  '),
    ),
    ...(limits.length === 0 ? [] : ['What cannot be done:', ...limits.map((limit) => `  - ${limit}`)]),
    'Nothing was changed.',
    `→ holdfast run quick --cluster ${name} --dry-run, then --yes-break ${name}`,
  ];
}

function describeVip({ topology, vip }: Pick<Discovery, 'topology' | 'vip'>): string {
  if (vip.facts.by === 'other') return 'not moved by a keepalived on the masters';
  const { virtualRouterId, advertIntervalS } = topology.keepalived;
  const how = vip.facts.supervisor === 'static-pod' ? 'static pods' : 'units of systemd';
  return `moved by keepalived (${how}; VRID ${virtualRouterId}, adverts every ${advertIntervalS} s; ${vip.facts.conf ?? ''})`;
}

function count(topology: Topology, role: 'master' | 'node'): string {
  const { length } = hostsWithRole(topology, role);
  return `${length} ${role}${length === 1 ? '' : 's'}`;
}
