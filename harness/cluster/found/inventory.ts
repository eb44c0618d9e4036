// The hosts of a cluster that somebody else built, as a person names them: a short YAML file, or an ssh_config.
import { basename, dirname, resolve } from 'node:path';
import SSHConfig from 'ssh-config';
import { z } from 'zod';
import { UsageError } from '../../core/errors.ts';
import type { ObserverPlan, PowerCommands, SshSettings } from '../../core/topology.ts';
import { LocatedYaml } from '../located-yaml.ts';
import { completedSsh, nameOf, readText } from '../topology.ts';
import { address, clusterName, inventoryName, power, ssh } from '../topology-schema.ts';

export interface Inventory {
  /** What `--yes-break` is to be given. */
  readonly name: string;
  readonly hosts: readonly InventoryHost[];
  readonly observer: Omit<ObserverPlan, 'address'> & { readonly address?: string };
  readonly protect?: readonly string[];
  /** "host" or "host:port", where clients ask for the API; absent: where the administrator's kubeconfig does. */
  readonly endpoint?: string;
}

export interface InventoryHost {
  readonly name: string;
  /** Absent: what the ssh_config says. */
  readonly address?: string;
  readonly ssh: SshSettings;
  readonly power?: PowerCommands;
}

const host = z.strictObject(
  { name: inventoryName, address: address.optional(), ssh: ssh.optional(), power: power.optional() },
  { error: 'a host, such as { name: cp-a, address: 10.0.0.11 }' },
);

const observer = z.strictObject(
  { name: inventoryName, address: address.optional(), ssh: ssh.optional() },
  { error: 'a host, such as { name: jump, address: 10.0.0.5 }, or local' },
);

const schema = z.strictObject(
  {
    name: clusterName.optional(),
    ssh: ssh.optional(),
    hosts: z.array(host, { error: 'a list of hosts' }).min(1, { error: 'at least one host' }),
    observer: z
      .union([z.literal('local'), observer], {
        error: 'local, or a host, such as { name: jump, address: 10.0.0.5 }',
      })
      .optional(),
    protect: z.array(inventoryName, { error: 'a list of names of hosts' }).optional(),
    endpoint: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]*(:\d{1,5})?$/, { error: 'a name or an address, and a port: 10.0.0.10:6443' })
      .optional(),
  },
  { error: 'a mapping with the key hosts' },
);

const KIND = {
  what: 'inventory',
  hint: 'docs/attach.md has an example; an ssh_config works too, with its hosts',
  leftOut: '',
};
/** This machine is the client, when nobody says otherwise. */
const LOCAL: Inventory['observer'] = { name: 'this-machine', address: '127.0.0.1', local: true };

/**
 * @param path of a .yaml file, or of an ssh_config whose hosts are all meant
 * @throws UsageError with every problem at its file:line:column
 */
export function loadInventory(path: string): Inventory {
  const text = readText(path, 'inventory');
  return /\.ya?ml$/.test(path) ? parseInventory(text, path) : inventoryOfSshConfig(text, path);
}

export function parseInventory(text: string, fileName: string): Inventory {
  const file = new LocatedYaml(text, fileName, KIND);
  const read = schema.safeParse(file.value);
  if (!read.success) throw file.unusable(file.problemsOf(read.error.issues, keysAt));
  const { data } = read;
  const names = [...data.hosts.map(({ name }) => name)];
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0) {
    throw file.unusable([
      { path: ['hosts', twice, 'name'], text: `found ${names[twice]} a second time; expected each once` },
    ]);
  }
  const strange = (data.protect ?? []).findIndex((name) => !names.includes(name));
  if (strange >= 0) {
    const found = data.protect?.[strange] ?? '';
    throw file.unusable([
      { path: ['protect', strange], text: `found ${found}, expected one of ${names.join(', ')}` },
    ]);
  }
  const folder = dirname(resolve(fileName));
  const sshOf = (own: z.infer<typeof ssh> | undefined): SshSettings =>
    completedSsh({ ...data.ssh, ...own }, folder);
  return {
    name: data.name ?? nameOf(fileName),
    hosts: data.hosts.map((one) => ({
      name: one.name,
      ssh: sshOf(one.ssh),
      ...(one.address !== undefined && { address: one.address }),
      ...(one.power && { power: one.power }),
    })),
    observer:
      data.observer === undefined || data.observer === 'local'
        ? LOCAL
        : {
            name: data.observer.name,
            // What measures needs no right of root's, and is given none that was meant for the hosts.
            ssh: sshOf({ sudo: false, ...data.observer.ssh }),
            ...(data.observer.address !== undefined && { address: data.observer.address }),
          },
    ...(data.protect && { protect: data.protect }),
    ...(data.endpoint !== undefined && { endpoint: data.endpoint }),
  };
}

function keysAt(path: readonly (string | number)[]): readonly string[] {
  const last = path.at(-1);
  if (path.length === 0) return Object.keys(schema.shape);
  if (last === 'ssh') return Object.keys(ssh.shape);
  if (last === 'power') return Object.keys(power.shape);
  return Object.keys(path[0] === 'observer' ? observer.shape : host.shape);
}

/** Every host that has a name of its own there. */
function inventoryOfSshConfig(text: string, path: string): Inventory {
  const names = SSHConfig.parse(text).flatMap((line) => {
    if (!('param' in line) || line.param !== 'Host') return [];
    const patterns = [line.value].flat().map((one) => (typeof one === 'string' ? one : one.val));
    return patterns.filter((pattern) => /^[A-Za-z0-9][\w.-]*$/.test(pattern));
  });
  if (names.length === 0) {
    throw new UsageError(`${path} names no host`, {
      hint: 'expected lines such as "Host cp-a"; or a .yaml file: docs/attach.md',
    });
  }
  return {
    name: basename(path).replaceAll(/[^a-z0-9.-]/g, '-'),
    hosts: [...new Set(names)].map((name) => ({ name, ssh: { config: resolve(path) } })),
    observer: LOCAL,
  };
}
