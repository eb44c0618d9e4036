// The names that the seed gives to what it brings along.

export const VERSION = 'v1.4.5';

/** The seed's cluster-dns: "the same as the kube-dns service's cluster ip". kubeadm of that age gives services 10.0.0.0/…. */
export const CLUSTER_DNS = '10.0.0.10';

export const RPM_FOLDER = 'k8s-v1.4.5-rpms';
export const IMAGE_FOLDER = 'kubernates-v1.4.5-images';
/** By name or pattern; of those that are optional there may be none. What is in them: bundle.ts. */
export const BUNDLE_FILES = {
  rpms: { pattern: `${RPM_FOLDER}.tar.gz` },
  docker: { pattern: 'docker-engine-1.12.4-1.el7.centos.x86_64.rpm' },
  'docker-selinux': { pattern: 'docker-engine-selinux-*.rpm', optional: true },
  images: { pattern: `${IMAGE_FOLDER}.tar.gz` },
  network: { pattern: 'network/*' },
  etcd: { pattern: 'etcd-*.rpm' },
  keepalived: { pattern: 'keepalived-*.rpm' },
} as const;

/** API groups of that age, by kind. */
export const API_GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'extensions/v1beta1',
  DaemonSet: 'extensions/v1beta1',
};

/** Where kubeadm's output is kept on the first master: it holds the token. */
export const INIT_LOG = '/root/kubeadm-init.log';
