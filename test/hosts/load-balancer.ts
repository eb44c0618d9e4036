// The machine before the masters of a foreign cluster without keepalived: Debian's HAProxy, in a container of the lab's own.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { followEngine, imageExists, imageLabels } from '../../harness/artifacts/engine.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { hostsWithRole } from '../../harness/core/topology.ts';
import { DockerExecHost } from '../../harness/hosts/docker-exec.ts';
import { ObserverContainer } from '../../harness/providers/host-container.ts';
import { containerName, hostLabels, networkName } from '../../harness/providers/labels.ts';

const NAME = 'lb';
/** Another one than the apiservers', as is usual where a load balancer serves more than one API. */
const PORT = 8443;
const FIXTURE = fileURLToPath(new URL('../../fixtures/foreign-cluster/', import.meta.url));
const START_TIMEOUT_MS = 30_000;

/** It has the address that the VIP would have. The lab's provider removes it with the lab. */
export async function startLoadBalancer({ descriptor: { runId, topology } }: Lab): Promise<void> {
  const docker = new Docker();
  const container = containerName(runId, NAME);
  const { address } = topology.vip;
  const host = new DockerExecHost({ docker, name: NAME, address, container });
  await new ObserverContainer({
    image: { reference: await haproxyImage(docker, topology.observer.name, runId), command: COMMAND },
    name: container,
    hostName: NAME,
    network: networkName(runId),
    address,
    extraHosts: [],
    labels: hostLabels(runId, NAME, []),
    startTimeoutMs: START_TIMEOUT_MS,
    ready: async () => {
      await host.run(['true']);
    },
  }).start();
  const script = '/root/load-balancer.sh';
  await host.upload(script, await readFile(`${FIXTURE}load-balancer.sh`), { mode: 0o755 });
  const masters = hostsWithRole(topology, 'master').map((plan) => `${plan.name}=${plan.address}`);
  await host.run([script, String(PORT), ...masters]);
}

const COMMAND = ['/usr/bin/tini', '--', 'sleep', 'infinity'];

/** A layer on the image of the lab's observer, made once for each. */
async function haproxyImage(docker: Docker, observer: string, runId: string): Promise<string> {
  const inspected = await docker.getContainer(containerName(runId, observer)).inspect();
  const reference = `holdfast/load-balancer:${inspected.Image.replace('sha256:', '').slice(0, 12)}`;
  if (await imageExists(docker, reference)) return reference;
  const answer = await docker.buildImage(
    { context: `${FIXTURE}load-balancer`, src: ['Dockerfile'] },
    {
      t: reference,
      labels: imageLabels('load-balancer'),
      buildargs: { OBSERVER_IMAGE: inspected.Config.Image },
      // apt needs the machine's own way out; the bridge's does not work everywhere.
      networkmode: 'host',
      rm: true,
      forcerm: true,
    },
  );
  await followEngine(answer, () => undefined);
  return reference;
}
