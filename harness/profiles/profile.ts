// One Kubernetes version as data. What differs between versions is a row here, never a branch in the steps.

export interface Profile {
  /** The name a user types: "v1.20.2". */
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** As kubeadm's kubernetesVersion and `kubectl version` have it. */
  readonly kubernetesVersion: string;
  /** How its binaries come to be: Debian's source package, built with the version string it does not carry. */
  readonly source: {
    readonly debianSourcePackage: string;
    /** KUBE_GIT_VERSION of the build. */
    readonly gitVersion: string;
    /** Programs under cmd/ to build. */
    readonly programs: readonly string[];
  };
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
