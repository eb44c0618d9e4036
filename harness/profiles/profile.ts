// One Kubernetes version as data. What differs between versions is a row here, never a branch in the steps.

export interface Profile {
  /** The name a user types: "v1.20.2". */
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** As kubeadm's kubernetesVersion and `kubectl version` have it. */
  readonly kubernetesVersion: string;
  /** How its binaries come to be. */
  readonly source: DebianSource | ReleaseSource;
  /** Names under which the host's containerd already has the images. */
  readonly images: {
    /** kubeadm's imageRepository. */
    readonly repository: string;
    readonly apiServer: string;
    readonly controllerManager: string;
    readonly scheduler: string;
    readonly kubeProxy: string;
    readonly pause: string;
  };
  readonly kubeadm: {
    readonly apiVersion: string;
    /** How its API has kubeletExtraArgs: a mapping, or (since v1beta4) a list of name and value. */
    readonly extraArgs: 'mapping' | 'list';
    /** Under which key it has how long a joining host waits for its token to be vouched for. */
    readonly discoveryTimeout: 'discovery.timeout' | 'timeouts.discovery';
    /** Phases that cannot work on our hosts, with `kubeadm init` and `kubeadm join` alike. */
    readonly skipPhases: readonly string[];
  };
  readonly kubelet: {
    readonly apiVersion: string;
    readonly cgroupDriver: 'cgroupfs' | 'systemd';
    readonly criSocket: string;
  };
  readonly kubeProxy: { readonly apiVersion: string };
  readonly apiServer: {
    readonly healthPath: string;
  };
  /** Where controller-manager and scheduler hold their leader election. */
  readonly leaderElection: { readonly resource: string; readonly namespace: string };
}

/** Debian's source package, built with the version string that it does not carry. */
export interface DebianSource {
  readonly kind: 'debian-source';
  readonly debianSourcePackage: string;
  /** KUBE_GIT_VERSION of the build. */
  readonly gitVersion: string;
  /** Programs under cmd/ to build. */
  readonly programs: readonly string[];
}

/** The project's own binaries and images of a release, from where the user says. */
export interface ReleaseSource {
  readonly kind: 'release';
  readonly version: string;
  /** What a person should know about this version on our hosts. */
  readonly notes: readonly string[];
}
