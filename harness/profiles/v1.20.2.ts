// Kubernetes v1.20.2 as Debian 12 has it in source: the embedded default, which needs no registry and no download site.
import type { Profile } from './profile.ts';

const version = 'v1.20.2';
const repository = 'k8s.gcr.io';

export const v1_20_2: Profile = {
  name: version,
  summary: "built from Debian's own source package, containerd, external etcd 3.4; needs no registry",
  kubernetesVersion: version,
  source: {
    kind: 'debian-source',
    debianSourcePackage: 'kubernetes',
    gitVersion: version,
    programs: [
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-proxy',
      'kubelet',
      'kubeadm',
      'kubectl',
    ],
  },
  images: {
    repository,
    apiServer: `${repository}/kube-apiserver:${version}`,
    controllerManager: `${repository}/kube-controller-manager:${version}`,
    scheduler: `${repository}/kube-scheduler:${version}`,
    kubeProxy: `${repository}/kube-proxy:${version}`,
    pause: `${repository}/pause:3.2`,
  },
  kubeadm: {
    apiVersion: 'kubeadm.k8s.io/v1beta2',
    extraArgs: 'mapping',
    discoveryTimeout: 'discovery.timeout',
    // Debian 12 has no crictl, which preflight insists on.
    skipPhases: ['preflight'],
  },
  kubelet: {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    cgroupDriver: 'cgroupfs',
    criSocket: '/run/containerd/containerd.sock',
  },
  kubeProxy: { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1' },
  apiServer: { healthPath: '/healthz' },
  leaderElection: { resource: 'leases', namespace: 'kube-system' },
};
