// The network of a lab: an internal bridge whose addresses nobody else on this machine holds.
import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { asError, HoldfastError, UsageError } from '../core/errors.ts';
import type { LabDescriptor, ProvisionOptions } from '../core/provider.ts';
import { runLocal } from '../hosts/local.ts';
import { acceptOnBridge } from './firewall.ts';
import { formerLimitsLabel, inotifySuffices, raiseInotifyLimits, readInotifyLimits } from './inotify.ts';
import { gatewayOf, instancesToTry, shiftTopology, type TakenNetwork } from './instances.ts';
import { bridgeName, labelFilter, networkLabels, networkName, RUN_LABEL } from './labels.ts';

export type LabRequest = Pick<ProvisionOptions, 'topology' | 'runId' | 'instance'>;

/**
 * Makes the network of a new lab in the first instance that is free, with its firewall rule, and raises the inotify
 * limits for its hosts. @throws UsageError when the run exists already or no address range is free
 */
export async function createLabNetwork(docker: Docker, request: LabRequest): Promise<LabDescriptor> {
  const labs = await docker.listNetworks({ filters: labelFilter() });
  if (labs.some(({ Labels }) => Labels?.[RUN_LABEL] === request.runId)) {
    throw new UsageError(`run ${request.runId} has a lab already`, { hint: 'holdfast down removes it' });
  }
  const inotify = await readInotifyLimits();
  const extraLabels = formerLimitsLabel(
    inotify,
    labs.map(({ Labels }) => Labels ?? {}),
  );
  const descriptor = await createInFreeInstance(docker, request, extraLabels);
  await acceptOnBridge({ bridge: bridgeName(request.runId), runId: request.runId });
  if (!inotifySuffices(inotify) && process.getuid?.() === 0) await raiseInotifyLimits();
  return descriptor;
}

async function createInFreeInstance(
  docker: Docker,
  request: LabRequest,
  extraLabels: Readonly<Record<string, string>>,
): Promise<LabDescriptor> {
  const instances = instancesToTry(request.topology, await takenNetworks(docker), request.instance);
  let refusal: Error | undefined;
  for (const instance of instances) {
    const descriptor: LabDescriptor = {
      provider: 'containers',
      runId: request.runId,
      instance,
      createdAt: new Date().toISOString(),
      topology: shiftTopology(request.topology, instance),
    };
    try {
      await createBridge(docker, descriptor, extraLabels);
      return descriptor;
    } catch (thrown) {
      refusal = asError(thrown);
      // Another process took the addresses since we looked: only then is there a point in trying the next.
      if (!/overlap/i.test(refusal.message)) break;
    }
  }
  throw new HoldfastError(`the network of run ${request.runId} could not be made`, {
    ...(refusal && { cause: refusal }),
  });
}

async function createBridge(
  docker: Docker,
  descriptor: LabDescriptor,
  extraLabels: Readonly<Record<string, string>>,
): Promise<void> {
  const { network } = descriptor.topology;
  await docker.createNetwork({
    Name: networkName(descriptor.runId),
    Driver: 'bridge',
    Internal: true,
    CheckDuplicate: true,
    IPAM: { Driver: 'default', Config: [{ Subnet: network, Gateway: gatewayOf(network) }] },
    Options: { 'com.docker.network.bridge.name': bridgeName(descriptor.runId) },
    Labels: { ...networkLabels(descriptor), ...extraLabels },
  });
}

/** All IPv4 networks that this machine holds: Docker's, its own addresses' and its routes'. */
async function takenNetworks(docker: Docker): Promise<readonly TakenNetwork[]> {
  const [networks, routes] = await Promise.all([docker.listNetworks(), routedNetworks()]);
  const ofDocker = networks.flatMap(({ Name: name, Labels, IPAM }) =>
    (IPAM?.Config ?? []).flatMap(({ Subnet: cidr }) => {
      const runId = Labels?.[RUN_LABEL];
      const holder = `the Docker network ${name}${runId === undefined ? '' : ` of run ${runId}`}`;
      return cidr === undefined || cidr.includes(':') ? [] : [{ cidr, holder }];
    }),
  );
  const ofInterfaces = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ family, cidr }) =>
      family === 'IPv4' && cidr !== null ? [{ cidr, holder: `the interface ${name} of this machine` }] : [],
    ),
  );
  // Docker's first: its networks have routes too, and the name of the run says more than that of a bridge.
  return [...ofDocker, ...ofInterfaces, ...routes];
}

async function routedNetworks(): Promise<readonly TakenNetwork[]> {
  const { stdout } = await runLocal(['ip', '-4', '-j', 'route']);
  return parseRoutes(stdout);
}

/** Networks in the output of `ip -4 -j route`; the default route holds none. */
export function parseRoutes(json: string): readonly TakenNetwork[] {
  const routes = JSON.parse(json || '[]') as readonly { readonly dst: string; readonly dev?: string }[];
  return routes
    .filter(({ dst }) => dst !== 'default')
    .map(({ dst, dev }) => ({
      cidr: dst.includes('/') ? dst : `${dst}/32`,
      holder: `the route by ${dev ?? 'no interface'} of this machine`,
    }));
}
