// The shape of a topology file. Each error text completes the sentence "expected …" and gives an example to follow.
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const HOST_ROLES = ['master', 'node', 'etcd'] as const;

export const address = z.custom<string>(
  (value) => typeof value === 'string' && ipaddr.IPv4.isValidFourPartDecimal(value),
  'an IPv4 address in four decimal parts, such as 10.10.102.91',
);

const addressWithPrefix = z.custom<string>(
  isCidr,
  'an IPv4 address with the length of its prefix, such as 10.10.102.21/24',
);

const network = z.custom<string>(
  (value) => isCidr(value) && ipaddr.IPv4.networkAddressFromCIDR(value).toString() === value.split('/')[0],
  'an IPv4 network as CIDR without host bits, such as 10.10.102.0/23',
);

// Kubernetes takes the host's name as the node's name, which is a lower-case RFC 1123 subdomain; Linux ends it at 63.
const DNS_NAME = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const hostName = z.custom<string>(
  (value) => typeof value === 'string' && DNS_NAME.test(value),
  'a DNS name of lower-case letters, digits, "-" and ".", at most 63 long, such as 10-10-102-91.master',
);

function whole(from: number, to: number, what: string): z.ZodInt {
  const error = `a whole number from ${from} to ${to} ${what}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

const text = z.custom<string>(
  (value) => typeof value === 'string' && value !== '',
  'a text that is not empty',
);

export const ssh = z.strictObject(
  {
    config: text.optional(),
    host: text.optional(),
    port: whole(1, 65_535, ', such as 22').optional(),
    user: text.optional(),
    identityFile: text.optional(),
    passwordFrom: z
      .custom<string>((value) => typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value), {
        error: 'the name of an environment variable that holds the password, such as LAB_PASSWORD',
      })
      .optional(),
    sudo: z.boolean({ error: 'true or false' }).optional(),
    jump: text.optional(),
    proxyCommand: text.optional(),
    knownHosts: text.optional(),
  },
  { error: 'a mapping, such as { user: admin, identityFile: ~/.ssh/lab, sudo: true }' },
);

export const power = z.strictObject(
  { off: text, on: text },
  {
    error:
      'a mapping of commands, such as { off: ipmitool -H bmc1 chassis power off, on: ipmitool -H bmc1 chassis power on }',
  },
);

const host = z.strictObject(
  {
    name: hostName,
    address,
    roles: z
      .array(z.enum(HOST_ROLES, { error: `one of the roles ${HOST_ROLES.join(', ')}` }), {
        error: 'a list of roles, such as [node, etcd]',
      })
      .min(1, { error: 'at least one role, such as [master]' }),
    priority: whole(1, 254, '(255 belongs to the owner of an address), such as 100').optional(),
    etcdName: z
      .custom<string>((value) => typeof value === 'string' && /^[a-z0-9][-a-z0-9]*$/.test(value), {
        error: 'a name of lower-case letters, digits and "-", such as etcd01',
      })
      .optional(),
    etcdDataDir: z
      .custom<string>((value) => typeof value === 'string' && /^(\/[\w.-]+)+$/.test(value), {
        error: 'an absolute path of letters, digits, "_", "." and "-", such as /var/lib/etcd/etcd01',
      })
      .optional(),
    ssh: ssh.optional(),
    power: power.optional(),
  },
  { error: 'a host, such as { name: 10-10-102-91.master, address: 10.10.102.91, roles: [master] }' },
);

// authentication is a VRRP version 2 feature, where adverts come at whole seconds (keepalived.conf(5)).
const keepalived = z.strictObject(
  {
    virtualRouterId: whole(1, 255, '(VRID), such as 51'),
    advertIntervalS: whole(1, 255, 'of seconds, such as 1'),
    authPass: z.custom<string>(
      (value) => typeof value === 'string' && /^[!-~]{1,8}$/.test(value),
      'a text of 1 to 8 characters, in quotes where it could be a number, such as "1111"',
    ),
    garpMasterRefreshS: whole(0, 3600, 'of seconds (0: never), such as 10'),
    check: z.strictObject(
      {
        intervalS: whole(1, 3600, 'of seconds, such as 2'),
        weight: whole(-253, 253, 'that is added to the priority, such as -20'),
      },
      { error: 'a mapping, such as { intervalS: 2, weight: -20 }' },
    ),
  },
  { error: 'a mapping with virtualRouterId, advertIntervalS, authPass, garpMasterRefreshS and check' },
);

export const clusterName = z.custom<string>(
  (value) => typeof value === 'string' && /^[a-z0-9][-a-z0-9.]*$/.test(value),
  'a name of lower-case letters, digits, "-" and ".", such as seed',
);

/** Of a host that exists already: whatever it is called in an ssh_config. */
export const inventoryName = z.custom<string>(
  (value) => typeof value === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(value),
  'a name of letters, digits, "_", "-" and ".", such as cp-a',
);

export const topologySchema = z.strictObject(
  {
    name: clusterName,
    network,
    vip: addressWithPrefix,
    podNetwork: network,
    serviceNetwork: network,
    keepalived,
    guard: z.enum(['on', 'off'], { error: 'on or off' }),
    dns: z.enum(['none', 'deployment', 'daemonset'], { error: 'one of none, deployment, daemonset' }),
    ssh: ssh.optional(),
    hosts: z.array(host, { error: 'a list of hosts' }),
    protect: z.array(hostName, { error: "a list of hosts' names, such as [10-10-103-96.node]" }).optional(),
    observer: z.strictObject(
      { name: hostName, address, ssh: ssh.optional(), local: z.literal(true, { error: 'true' }).optional() },
      { error: 'a mapping, such as { name: observer, address: 10.10.103.200 }' },
    ),
  },
  { error: 'a mapping with keys such as vip, network and hosts' },
);

export type TopologyFile = z.infer<typeof topologySchema>;
export type HostEntry = TopologyFile['hosts'][number];
export type SshEntry = NonNullable<HostEntry['ssh']>;

function isCidr(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    ipaddr.IPv4.isValidCIDR(value) &&
    ipaddr.IPv4.isValidFourPartDecimal(value.split('/')[0] ?? '')
  );
}
