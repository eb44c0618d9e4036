// What differs between versions of Kubernetes for who sets up a cluster with kubeadm: one row from each version on that changes
// something. A row holds until the next one. Sources: kubeadm's constants.go, its configuration reference and the change logs.

export interface ReleaseRow {
  /** First minor version of 1.x that this row is for. */
  readonly fromMinor: number;
  /** Of kubeadm.k8s.io. v1beta1 came with 1.13, v1beta2 with 1.15, v1beta3 with 1.22, v1beta4 with 1.31. */
  readonly kubeadmApi: 'v1beta2' | 'v1beta3' | 'v1beta4';
  /** Until 1.23 a path; since 1.24 a URL, and a path is only tolerated. */
  readonly criSocket: string;
  /** Tag of the pause image that kubeadm of this version has built in. */
  readonly pause: string;
  /** The DNS image that kubeadm would deploy; it is no part of the server archive. */
  readonly coreDns: string;
  /** Oldest external etcd that kubeadm's preflight accepts. Patch releases have raised it. */
  readonly etcdFrom: string;
}

const PATH = '/run/containerd/containerd.sock';
const URL = `unix://${PATH}`;

type Change = Partial<Omit<ReleaseRow, 'fromMinor'>>;

const FIRST: ReleaseRow = {
  fromMinor: 17,
  kubeadmApi: 'v1beta2',
  criSocket: PATH,
  pause: '3.1',
  coreDns: 'coredns:1.6.5',
  etcdFrom: '3.2.18',
};

/** Minor version → what is new in it. */
const CHANGES: Readonly<Record<number, Change>> = {
  18: { pause: '3.2', coreDns: 'coredns:1.6.7' },
  19: { coreDns: 'coredns:1.7.0' },
  21: { pause: '3.4.1', coreDns: 'coredns/coredns:v1.8.0' },
  22: { kubeadmApi: 'v1beta3', pause: '3.5', coreDns: 'coredns/coredns:v1.8.4' },
  23: { pause: '3.6', coreDns: 'coredns/coredns:v1.8.6', etcdFrom: '3.4.13' },
  24: { criSocket: URL, pause: '3.7' },
  25: { pause: '3.8', coreDns: 'coredns/coredns:v1.9.3' },
  26: { pause: '3.9' },
  27: { coreDns: 'coredns/coredns:v1.10.1' },
  29: { coreDns: 'coredns/coredns:v1.11.1', etcdFrom: '3.5.11' },
  31: { kubeadmApi: 'v1beta4', pause: '3.10' },
  32: { coreDns: 'coredns/coredns:v1.11.3' },
  33: { coreDns: 'coredns/coredns:v1.12.0' },
  34: { pause: '3.10.1', coreDns: 'coredns/coredns:v1.12.1' },
};

export const RELEASE_ROWS: readonly ReleaseRow[] = Object.entries(CHANGES).reduce(
  (rows, [minor, change]) => [...rows, { ...FIRST, ...rows.at(-1), ...change, fromMinor: Number(minor) }],
  [FIRST],
);

/** The hosts' containerd 1.6 and cgroups set the upper end; leader election by leases alone the lower one. */
export const RELEASE_MINORS = { from: 17, to: 34 } as const;
