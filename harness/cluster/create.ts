// The birth of the cluster as a plain list of steps, on hosts that a provider has made.
import { randomBytes } from 'node:crypto';
import type { ProgressListener } from '../core/progress.ts';
import type { Lab } from '../core/provider.ts';
import type { StepTime } from '../core/result.ts';
import { runSteps, type Step } from '../core/steps.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ClusterContext } from './context.ts';
import { writeMarker } from './marker.ts';
import * as controlPlane from './steps/control-plane.ts';
import { startEtcd } from './steps/etcd.ts';
import { configureHosts, verifyContainerd } from './steps/hosts.ts';
import * as services from './steps/services.ts';

const SECOND = 1000;

export const CLUSTER_STEPS: readonly Step<ClusterContext>[] = [
  { name: 'hosts configured', needs: [], timeoutMs: 40 * SECOND, run: configureHosts },
  { name: 'etcd running', needs: ['hosts configured'], timeoutMs: 60 * SECOND, run: startEtcd },
  { name: 'containerd running', needs: ['hosts configured'], timeoutMs: 40 * SECOND, run: verifyContainerd },
  {
    name: 'VIP bound to the first master',
    needs: ['hosts configured'],
    timeoutMs: 10 * SECOND,
    run: controlPlane.bindVip,
  },
  {
    name: 'keepalived on the first master',
    needs: ['VIP bound to the first master'],
    timeoutMs: 40 * SECOND,
    run: services.startFirstKeepalived,
  },
  {
    name: 'first master initialized',
    needs: ['etcd running', 'containerd running', 'keepalived on the first master'],
    timeoutMs: 180 * SECOND,
    run: controlPlane.initializeControlPlane,
  },
  {
    name: 'logapi deployed',
    needs: ['first master initialized'],
    timeoutMs: 30 * SECOND,
    run: services.deployLogapi,
  },
  {
    name: 'other masters joined',
    needs: ['first master initialized'],
    timeoutMs: 120 * SECOND,
    run: controlPlane.joinMasters,
  },
  {
    name: 'nodes joined',
    needs: ['first master initialized'],
    timeoutMs: 120 * SECOND,
    run: controlPlane.joinNodes,
  },
  {
    name: 'nodes labelled',
    needs: ['other masters joined', 'nodes joined'],
    timeoutMs: 30 * SECOND,
    run: controlPlane.labelNodes,
  },
  {
    name: 'keepalived on the other masters',
    needs: ['other masters joined'],
    timeoutMs: 40 * SECOND,
    run: services.startOtherKeepalived,
  },
  {
    name: 'nodes Ready',
    needs: ['nodes labelled'],
    timeoutMs: 120 * SECOND,
    run: controlPlane.awaitNodesReady,
  },
  {
    name: 'kube-proxy on every host',
    needs: ['nodes Ready'],
    timeoutMs: 80 * SECOND,
    run: controlPlane.awaitKubeProxy,
  },
  {
    name: 'leader election verified',
    needs: ['other masters joined'],
    timeoutMs: 30 * SECOND,
    run: controlPlane.verifyLeaderElection,
  },
  {
    name: 'logapi answering',
    needs: ['logapi deployed', 'kube-proxy on every host'],
    timeoutMs: 100 * SECOND,
    run: services.verifyLogapi,
  },
  {
    name: 'VIP answering',
    needs: ['keepalived on the other masters'],
    timeoutMs: 30 * SECOND,
    run: services.verifyVip,
  },
];

export interface CreateClusterOptions {
  readonly lab: Lab;
  readonly profile: Profile;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
  readonly sequential?: boolean;
}

/** Brings the cluster up and returns how long each step took. Throws StepError with host, command and output. */
export async function createCluster(options: CreateClusterOptions): Promise<readonly StepTime[]> {
  const { lab, profile, progress, signal, sequential = false } = options;
  const context: ClusterContext = {
    lab,
    topology: lab.descriptor.topology,
    profile,
    sequential,
    secrets: {
      bootstrapToken: `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`,
      certificateKey: randomBytes(32).toString('hex'),
    },
  };
  const times = await runSteps(CLUSTER_STEPS, context, { progress, sequential, ...(signal && { signal }) });
  await writeMarker(lab.observer, profile.name);
  return times;
}
