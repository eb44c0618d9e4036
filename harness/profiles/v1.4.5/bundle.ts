// What belongs into the bundle for Kubernetes v1.4.5: the files that the design document copies to its hosts.
//
// Names of files and packages are the document's, also its spelling "kubernates". Of tags it gives only v1.4.5; the others are
// those that kubeadm of that age has built in, and would otherwise pull.
import type { BundlePlan, PlannedContainerImage } from '../bundle-plan.ts';
import { BUNDLE_FILES, IMAGE_FOLDER, RPM_FOLDER, VERSION } from './names.ts';

const RPMS = BUNDLE_FILES.rpms.pattern;
const PREPARATION = '3.3.1';

function image(name: string, tag: string, purpose: string, chapter = PREPARATION): PlannedContainerImage {
  return { file: `${name}.tar`, repository: `gcr.io/google_containers/${name}`, tag, purpose, chapter };
}

export const V1_4_5_BUNDLE: BundlePlan = {
  profile: VERSION,
  architecture: { rpm: 'x86_64', image: 'amd64' },
  archives: [
    {
      file: RPMS,
      folder: RPM_FOLDER,
      holds: 'rpms',
      purpose: 'yum localinstall of kubelet, kubeadm, kubectl, kubernetes-cni and socat on every host',
      chapter: PREPARATION,
    },
    {
      file: BUNDLE_FILES.images.pattern,
      folder: IMAGE_FOLDER,
      holds: 'images',
      purpose: 'docker load of the eleven images on every host',
      chapter: PREPARATION,
    },
  ],
  rpms: [
    {
      name: 'socat',
      version: '1.7.2.2',
      release: '5.el7',
      archive: RPMS,
      required: true,
      purpose: 'port forwarding by kubelet, which its package requires',
      chapter: PREPARATION,
    },
    {
      name: 'kubeadm',
      version: '1.5.0',
      release: '0.alpha.1.409.714f816a349e79',
      archive: RPMS,
      required: true,
      purpose: 'kubeadm init on master1 and kubeadm join on the nodes',
      chapter: PREPARATION,
    },
    {
      name: 'kubectl',
      version: '1.4.1',
      release: '0',
      archive: RPMS,
      required: true,
      purpose: 'labels, scaling and looking at the cluster',
      chapter: PREPARATION,
    },
    {
      name: 'kubelet',
      version: '1.4.1',
      release: '0',
      archive: RPMS,
      required: true,
      purpose: 'every host: runs the static pods on masters and the pods on nodes',
      chapter: PREPARATION,
    },
    {
      name: 'kubernetes-cni',
      version: '0.3.0.1',
      release: '0.07a8a2',
      archive: RPMS,
      required: true,
      purpose: 'the network plugins that kubelet calls for each pod',
      chapter: PREPARATION,
    },
    {
      name: 'docker-engine',
      version: '1.12.4',
      release: '1.el7.centos',
      required: true,
      purpose: 'the container runtime of every host',
      chapter: PREPARATION,
    },
    {
      name: 'docker-engine-selinux',
      required: false,
      purpose: 'docker-engine requires it; without it in the bundle yum needs a repository that has it',
      chapter: PREPARATION,
    },
    {
      name: 'etcd',
      required: false,
      purpose: 'the external etcd on the nodes; without it in the bundle yum needs a repository that has it',
      chapter: '3.2',
    },
    {
      name: 'keepalived',
      required: false,
      purpose: 'the VIP on the masters; without it in the bundle yum needs a repository that has it',
      chapter: '3.3.10',
    },
  ],
  images: [
    image(
      'etcd-amd64',
      '2.2.5',
      'kubeadm without an external etcd; the design removes it again (docker rmi)',
    ),
    image('exechealthz-amd64', '1.1', 'the health check beside kube-dns', '3.3.7'),
    image('kube-discovery-amd64', '1.0', 'handing the cluster to hosts that join', '3.3.8'),
    image('kubedns-amd64', '1.7', 'the names of services', '3.3.7'),
    image('kube-dnsmasq-amd64', '1.3', 'the forwarding DNS server in front of kube-dns', '3.3.7'),
    image('kube-proxy-amd64', 'v1.4.5', 'service addresses on every host'),
    image('pause-amd64', '3.0', 'the sandbox of every pod'),
    image('kube-apiserver-amd64', 'v1.4.5', 'the API on every master', '3.3.10'),
    image('kube-controller-manager-amd64', 'v1.4.5', 'the controllers on every master', '3.3.9'),
    image('kube-scheduler-amd64', 'v1.4.5', 'the scheduler on every master', '3.3.9'),
    image('kubernetes-dashboard-amd64', 'v1.4.1', 'the dashboard, which the document loads and never uses'),
  ],
  network: {
    folder: 'network',
    purpose: 'addresses and routes for pods: kubectl apply of a manifest such as weave, and its images',
    chapter: '3.3.4',
  },
};
