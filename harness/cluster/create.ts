// The birth of the cluster as a plain list of steps, on hosts that a provider has made.
import { randomBytes } from 'node:crypto';
import type { ProgressListener } from '../core/progress.ts';
import type { Lab } from '../core/provider.ts';
import type { StepTime } from '../core/result.ts';
import { runSteps, type Step } from '../core/steps.ts';
import type { Topology } from '../core/topology.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ClusterContext } from './context.ts';
import { randomToken } from './kubeadm.ts';
import { writeMarker } from './marker.ts';
import * as controlPlane from './steps/control-plane.ts';
import { deployDns } from './steps/dns.ts';
import { startEtcd } from './steps/etcd.ts';
import { startGuards } from './steps/guard.ts';
import { configureHosts, verifyContainerd } from './steps/hosts.ts';
import * as services from './steps/services.ts';

function step(
  name: string,
  needs: readonly string[],
  timeoutS: number,
  run: Step<ClusterContext>['run'],
): Step<ClusterContext> {
  return { name, needs, timeoutMs: timeoutS * 1000, run };
}

const CLUSTER_STEPS: readonly Step<ClusterContext>[] = [
  step('hosts configured', [], 40, configureHosts),
  step('containerd running', ['hosts configured'], 40, verifyContainerd),
  step('etcd running', ['hosts configured'], 60, startEtcd),
  step('VIP bound to the first master', ['hosts configured'], 10, controlPlane.bindVip),
  step(
    'keepalived on the first master',
    ['VIP bound to the first master'],
    40,
    services.startFirstKeepalived,
  ),
  step('first master prepared', ['containerd running'], 60, controlPlane.prepareFirstMaster),
  step(
    'first master initialized',
    ['first master prepared', 'etcd running', 'keepalived on the first master'],
    180,
    controlPlane.initializeControlPlane,
  ),
  step('workload deployed', ['first master initialized'], 30, services.deployWorkload),
  step('nodes joined', ['first master initialized'], 120, controlPlane.joinNodes),
  step('other masters joined', ['first master initialized'], 120, controlPlane.joinMasters),
  step('nodes labelled', ['nodes joined'], 30, controlPlane.labelNodes),
  step('masters labelled', ['other masters joined'], 30, controlPlane.labelMasters),
  step('keepalived on the other masters', ['other masters joined'], 40, services.startOtherKeepalived),
  step('leader election verified', ['other masters joined'], 30, controlPlane.verifyLeaderElection),
  step('VIP answering', ['keepalived on the other masters'], 30, services.verifyVip),
  step('all hosts Ready', ['nodes labelled', 'masters labelled'], 120, controlPlane.awaitHostsReady),
  step('kube-proxy on every host', ['all hosts Ready'], 80, controlPlane.awaitKubeProxy),
  step('workload answering', ['workload deployed', 'nodes labelled'], 120, services.verifyWorkload),
];

/** What every cluster has, and what this topology wants besides. */
function stepsFor({ guard, dns = 'none' }: Topology): readonly Step<ClusterContext>[] {
  const guarded = step(
    'guard on every master',
    ['keepalived on the other masters', 'all hosts Ready'],
    30,
    startGuards,
  );
  const withDns = step('DNS answering', ['all hosts Ready', 'workload answering'], 120, deployDns);
  return [...CLUSTER_STEPS, ...(guard === 'on' ? [guarded] : []), ...(dns === 'none' ? [] : [withDns])];
}

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
      bootstrapToken: randomToken(),
      certificateKey: randomBytes(32).toString('hex'),
    },
  };
  const times = await runSteps(stepsFor(context.topology), context, {
    progress,
    sequential,
    ...(signal && { signal }),
  });
  await writeMarker(lab, profile.name);
  return times;
}
