// Chapters 3.3.5 and 3.3.6: the nodes join, and everyone gets a label.
import { command, type Row } from '../row.ts';
import { NO_FIREWALLD } from './etcd.ts';

const ROLE = 'kubeadm.alpha.kubernetes.io/role';
const SEEDS_JOIN = 'kubeadm join --token=6c7750.6c759069627a3c78 10.10.102.21';

const JOIN: readonly Row[] = [
  {
    id: 'join',
    chapter: '3.3.5',
    seed: [SEEDS_JOIN],
    on: 'nodes',
    fate: 'as-written',
    deeds: [
      command('kubeadm join --token={{token}} {{vip}}', {
        unless: 'test -s /etc/kubernetes/kubelet.conf',
        expect: 'Node join complete:',
        timeoutS: 300,
      }),
    ],
    note: 'kubeadm itself goes on trying where nobody answers; what it says meanwhile is read as it comes.',
  },
  {
    id: 'repair-no-route',
    chapter: '3.3.5',
    seed: ['setenforce 0', 'systemctl stop firewalld', 'systemctl disable firewalld'],
    on: 'every host',
    fate: 'repair',
    deeds: [
      command('setenforce 0', { acceptExitCodes: [0, 1, 127] }),
      command('systemctl stop firewalld', { unless: NO_FIREWALLD }),
      command('systemctl disable firewalld', { unless: NO_FIREWALLD }),
    ],
    finding:
      'It is the firewall of the master that refuses; SELinux has no part in it, and is back after a reboot, as its file is not changed.',
    note: 'Where kubeadm join says "no route to host" of the discovery service. On every host: the seed does not say where. setenforce fails where SELinux is not enabled.',
  },
  {
    id: 'join-log',
    chapter: '3.3.5',
    seed: [SEEDS_JOIN],
    on: 'nodes',
    fate: 'as-written',
    deeds: [],
    note: 'The same command, shown with its output: the join that was refused goes on once the firewall is gone.',
  },
  {
    id: 'nodes-ready',
    chapter: '3.3.5',
    seed: ['kubectl get nodes', 'kubectl get pods -n kube-system'],
    on: 'first master',
    fate: 'as-written',
    deeds: [
      command('kubectl get nodes', { expect: '{{everyoneReady}}', repeated: true, timeoutS: 300 }),
      command('kubectl get pods -n kube-system', {
        expect: 'kube-apiserver-[\\s\\S]*kube-discovery-[\\s\\S]*kube-dns-',
      }),
    ],
  },
];

/** It fails where a label is there already, which kubeadm itself gives to its first master. */
function labelled(role: string): string {
  return `kubectl get nodes -l ${ROLE}=${role} | grep -q '^{{each}} '`;
}

const LABELS: readonly Row[] = [
  {
    id: 'label-masters',
    chapter: '3.3.6',
    seed: [
      `kubectl label node 10-10-102-91.node ${ROLE}=master`,
      `kubectl label node 10-10-102-92.node ${ROLE}=master`,
      `kubectl label node 10-10-102-93.node ${ROLE}=master`,
    ],
    on: 'first master',
    fate: 'mended',
    deeds: [
      command(`kubectl label node {{each}} ${ROLE}=master`, {
        forEach: 'masters',
        unless: labelled('master'),
      }),
    ],
    finding:
      'The hosts are called 10-10-102-91.master and so on: there is no 10-10-102-91.node to be labelled.',
  },
  {
    id: 'label-nodes',
    chapter: '3.3.6',
    seed: [
      `kubectl label node 10-10-103-96.node ${ROLE}=node`,
      `kubectl label node 10-10-103-97.node ${ROLE}=node`,
    ],
    on: 'first master',
    fate: 'as-written',
    deeds: [
      command(`kubectl label node {{each}} ${ROLE}=node`, { forEach: 'nodes', unless: labelled('node') }),
    ],
  },
];

export const NODE_ROWS: readonly Row[] = [...JOIN, ...LABELS];
