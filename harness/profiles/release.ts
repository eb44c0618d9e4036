// Any release of Kubernetes as a profile, by its version alone: what differs stands in a table.
import { UsageError } from '../core/errors.ts';
import type { Profile } from './profile.ts';
import { RELEASE_MINORS, RELEASE_ROWS, type ReleaseRow } from './release-table.ts';

/** What a user types; the profile of one version is called release-v1.31.4. */
export const RELEASE = 'release';

/** Nothing is pulled: the name under which the hosts' containerd has the images. */
const REPOSITORY = 'k8s.gcr.io';

/** Debian 12's, which runs on the hosts whatever the version. */
const ETCD_OF_THE_HOSTS = '3.4.23';

/** @throws UsageError for what is no version, or none that our hosts can run */
export function releaseProfile(version: string): Profile {
  const row = rowFor(version);
  return {
    name: `${RELEASE}-${version}`,
    summary: `the official binaries and images of ${version}`,
    kubernetesVersion: version,
    source: { kind: 'release', version, notes: notesFor(version, row) },
    images: {
      repository: REPOSITORY,
      apiServer: `${REPOSITORY}/kube-apiserver:${version}`,
      controllerManager: `${REPOSITORY}/kube-controller-manager:${version}`,
      scheduler: `${REPOSITORY}/kube-scheduler:${version}`,
      kubeProxy: `${REPOSITORY}/kube-proxy:${version}`,
      pause: `${REPOSITORY}/pause:${row.pause}`,
    },
    kubeadm: {
      apiVersion: `kubeadm.k8s.io/${row.kubeadmApi}`,
      ...(row.kubeadmApi === 'v1beta4'
        ? { extraArgs: 'list', discoveryTimeout: 'timeouts.discovery' }
        : { extraArgs: 'mapping', discoveryTimeout: 'discovery.timeout' }),
      // Debian 12 has no crictl, which preflight insists on, and its etcd is older than newer versions ask for.
      skipPhases: ['preflight'],
    },
    kubelet: {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      cgroupDriver: 'cgroupfs',
      criSocket: row.criSocket,
    },
    kubeProxy: { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1' },
    apiServer: { healthPath: '/healthz' },
    leaderElection: { resource: 'leases', namespace: 'kube-system' },
  };
}

/** The version that a name such as release-v1.31.4 stands for; undefined for other names. */
export function versionOfRelease(name: string): string | undefined {
  return name.startsWith(`${RELEASE}-`) ? name.slice(RELEASE.length + 1) : undefined;
}

function rowFor(version: string): ReleaseRow {
  const minor = /^v1\.(\d{1,3})\.\d{1,3}(-[\w.]{1,40})?$/.exec(version)?.[1];
  if (minor === undefined) {
    throw new UsageError(`"${version}" is no version of Kubernetes; expected one such as v1.31.4`, {
      hint: 'it begins with a v and has three numbers',
    });
  }
  const { from, to } = RELEASE_MINORS;
  const row = RELEASE_ROWS.findLast(({ fromMinor }) => fromMinor <= Number(minor));
  if (row === undefined || Number(minor) > to) {
    throw new UsageError(`${version} cannot run on holdfast's hosts; expected v1.${from} to v1.${to}`, {
      hint: 'docs/release.md says what sets these ends',
    });
  }
  return row;
}

function notesFor(version: string, row: ReleaseRow): readonly string[] {
  const etcd =
    compareVersions(row.etcdFrom, ETCD_OF_THE_HOSTS) <= 0
      ? []
      : [
          `kubeadm ${version} asks for etcd ${row.etcdFrom} or newer; the hosts have ${ETCD_OF_THE_HOSTS} from Debian 12. ` +
            'Its preflight, which would refuse that, is left out: what you see may be due to it.',
        ];
  return [...etcd, `no ${row.coreDns} is deployed: it is no part of the release's server binaries`];
}

function compareVersions(one: string, other: string): number {
  const numbers = (text: string): number[] => text.split('.').map(Number);
  const others = numbers(other);
  return (
    numbers(one)
      .map((part, index) => part - (others[index] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  );
}
