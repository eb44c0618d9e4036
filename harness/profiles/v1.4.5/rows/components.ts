// Chapters 3.3.7 to 3.3.9: kube-dns and kube-discovery on the masters, and the leader election of the two that need one.
import { command, type Row } from '../row.ts';

const KUBE_DNS = 'deployment kube-dns -n kube-system';
const ON_MASTERS = `kubectl get ${KUBE_DNS} -o yaml | grep -q 'kubeadm.alpha.kubernetes.io/role: master'`;

const AS_DEPLOYMENT: readonly Row[] = [
  {
    id: 'dns-deployment-export',
    chapter: '3.3.7',
    seed: [`kubectl get ${KUBE_DNS} -o yaml > kube-dns-deployment.yaml`],
    on: 'first master',
    fate: 'as-written',
    when: { dns: 'deployment' },
    deeds: [
      command(`cd ~\nkubectl get ${KUBE_DNS} -o yaml > kube-dns-deployment.yaml`, {
        unless: 'test -s ~/kube-dns-deployment.yaml',
      }),
    ],
  },
  {
    id: 'dns-deployment-edit',
    chapter: '3.3.7',
    seed: ['改变其nodeSelector'],
    on: 'first master',
    fate: 'as-written',
    when: { dns: 'deployment' },
    deeds: [{ kind: 'edit', path: '/root/kube-dns-deployment.yaml', edit: 'kube-dns-on-masters' }],
    note: 'What the server wrote into it (status, uid, resourceVersion …) is taken out as well.',
  },
  {
    id: 'dns-deployment-exchange',
    chapter: '3.3.7',
    seed: [
      `kubectl delete ${KUBE_DNS}`,
      'kubectl apply -f kube-dns-deployment.yaml',
      `kubectl scale ${KUBE_DNS} --replicas=3`,
    ],
    on: 'first master',
    fate: 'as-written',
    when: { dns: 'deployment' },
    deeds: [
      command(`kubectl delete ${KUBE_DNS}`, { unless: `! kubectl get ${KUBE_DNS} || ${ON_MASTERS}` }),
      command('cd ~\nkubectl apply -f kube-dns-deployment.yaml'),
      command(`kubectl scale ${KUBE_DNS} --replicas={{masterCount}}`),
    ],
    finding:
      'Between delete and apply nobody answers names; nothing makes the three replicas stand on three masters.',
  },
];

const AS_DAEMONSET: readonly Row[] = [
  {
    id: 'dns-daemonset-export',
    chapter: '3.3.7',
    seed: [`kubectl get ${KUBE_DNS} -o yaml > kube-dns-daemonset.yaml`],
    on: 'first master',
    fate: 'as-written',
    when: { dns: 'daemonset' },
    deeds: [
      command(`cd ~\nkubectl get ${KUBE_DNS} -o yaml > kube-dns-daemonset.yaml`, {
        unless: 'test -s ~/kube-dns-daemonset.yaml',
      }),
    ],
  },
  {
    id: 'dns-daemonset-edit',
    chapter: '3.3.7',
    seed: ['改造为DaemonSet'],
    on: 'first master',
    fate: 'as-written',
    when: { dns: 'daemonset' },
    deeds: [{ kind: 'edit', path: '/root/kube-dns-daemonset.yaml', edit: 'kube-dns-as-daemonset' }],
    note: 'The "pitfalls" of which the seed tells are the fields that a DaemonSet has not: replicas, strategy, status.',
  },
  {
    id: 'dns-daemonset-exchange',
    chapter: '3.3.7',
    seed: [`kubectl delete ${KUBE_DNS}`],
    on: 'first master',
    fate: 'as-written',
    when: { dns: 'daemonset' },
    deeds: [command(`kubectl delete ${KUBE_DNS}`, { unless: `! kubectl get ${KUBE_DNS}` })],
  },
  {
    id: 'dns-daemonset-apply',
    chapter: '3.3.7',
    seed: ['kube-dns-daemonset.yaml'],
    on: 'first master',
    fate: 'mended',
    when: { dns: 'daemonset' },
    deeds: [command('cd ~\nkubectl apply -f kube-dns-daemonset.yaml')],
    finding: 'Of the command only the file\'s name is there; "kubectl apply -f" is missing.',
  },
];

const CONTROL_PLANE: readonly Row[] = [
  {
    id: 'discovery-scale',
    chapter: '3.3.8',
    seed: ['对其扩容，指定replicas=3'],
    on: 'first master',
    fate: 'as-written',
    deeds: [command('kubectl scale deployment kube-discovery -n kube-system --replicas={{masterCount}}')],
    note: 'The seed says it in words. Its affinity to the masters is there already, as the seed found.',
  },
  {
    id: 'controller-manager-manifest',
    chapter: '3.3.9',
    seed: ['vi /etc/kubernetes/manifests/kube-controller-manager.json'],
    on: 'masters',
    fate: 'as-written',
    deeds: [
      {
        kind: 'edit',
        path: '/etc/kubernetes/manifests/kube-controller-manager.json',
        edit: 'leader-elect',
      },
    ],
    note: '"--leader-elect" is put where it is missing; kubeadm of that age writes it itself, and the file stays as it is.',
  },
  {
    id: 'scheduler-manifest',
    chapter: '3.3.9',
    seed: ['vi /etc/kubernetes/manifests/kube-scheduler.json'],
    on: 'masters',
    fate: 'as-written',
    deeds: [{ kind: 'edit', path: '/etc/kubernetes/manifests/kube-scheduler.json', edit: 'leader-elect' }],
  },
];

export const COMPONENT_ROWS: readonly Row[] = [...AS_DEPLOYMENT, ...AS_DAEMONSET, ...CONTROL_PLANE];
