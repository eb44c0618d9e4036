// Chapter 3.3.10, and the chapters without a number that belong to the set-up.
import { command, type Row } from '../row.ts';

const HEALTH = 'curl -k http://127.0.0.1:8080/healthz';

const KEEPALIVED: readonly Row[] = [
  {
    id: 'health',
    chapter: '3.3.10',
    seed: [],
    on: 'masters',
    fate: 'added',
    deeds: [command(HEALTH, { expect: 'ok', repeated: true, timeoutS: 120 })],
    note: "keepalived's check by hand, before keepalived depends on it.",
  },
  {
    id: 'keepalived-install',
    chapter: '3.3.10',
    seed: ['yum install -y keepalived'],
    on: 'masters',
    fate: 'as-written',
    when: { keepalived: 'repository' },
    deeds: [command('yum install -y keepalived', { unless: 'rpm -q keepalived', timeoutS: 300 })],
  },
  {
    id: 'keepalived-localinstall',
    chapter: '3.3.10',
    seed: [],
    on: 'masters',
    fate: 'added',
    when: { keepalived: 'rpm' },
    deeds: [
      { kind: 'bring', from: 'keepalived', to: '/root' },
      command('cd ~\nyum localinstall keepalived-*.rpm -y', { unless: 'rpm -q keepalived', timeoutS: 300 }),
    ],
    note: 'For hosts without a way to a repository; the seed knows only "yum install" here.',
  },
  {
    id: 'keepalived-conf',
    chapter: '3.3.10',
    seed: ['vi /etc/keepalived/keepalived.conf', '2个从节点参考主节点相应配置即可'],
    on: 'masters',
    fate: 'as-written',
    deeds: [{ kind: 'write', path: '/etc/keepalived/keepalived.conf', file: 'keepalived.conf' }],
    finding: `The check "${HEALTH}" lacks -f: an apiserver that answers 500 counts as healthy. It lacks -m too: one that hangs makes the check hang. Kept as they are: this profile is the seed's own; the embedded one has them mended.`,
    note: 'On the other masters state BACKUP and their own priority.',
  },
  {
    id: 'keepalived-start',
    chapter: '3.3.10',
    seed: ['systemctl restart keepalived', 'systemctl enable keepalived'],
    on: 'masters',
    fate: 'as-written',
    deeds: [command('systemctl restart keepalived'), command('systemctl enable keepalived')],
  },
  {
    id: 'nodes-ready-again',
    chapter: '3.3.10',
    seed: ['kubectl get nodes'],
    on: 'first master',
    fate: 'as-written',
    deeds: [command('kubectl get nodes', { expect: '{{everyoneReady}}', repeated: true, timeoutS: 120 })],
  },
];

const SETTINGS: readonly Row[] = [
  {
    id: 'kubelet-dns',
    chapter: '其他的一些设置',
    seed: ['vi /etc/systemd/system/kubelet.service.d/10-kubeadm.conf'],
    on: 'every host',
    fate: 'as-written',
    deeds: [
      { kind: 'edit', path: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf', edit: 'cluster-dns' },
      command('systemctl daemon-reload'),
      command('systemctl restart kubelet'),
    ],
    finding: 'Without daemon-reload and a restart of kubelet, which the seed forgets, nothing would change.',
  },
  {
    id: 'etcd-wipe',
    chapter: 'etcd排错',
    seed: ['删除每一个节点的/var/lib/etcd/etcd0x ...等目录', 'systemctl restart etcd', 'etcdctl member list'],
    on: 'etcd hosts',
    fate: 'not-run',
    deeds: [],
    finding:
      'Deleting the data of every member deletes the cluster: all that Kubernetes knows is there, as the seed itself says in 3.2.',
    note: 'A member that is lost is replaced by "etcdctl member remove" and "member add" (scenario etcd-member-replaced).',
  },
];

const LOG: readonly Row[] = [
  {
    id: 'keepalived-options',
    chapter: 'keepalived日志重定向',
    seed: ['修改 /etc/sysconfig/keepalived'],
    on: 'masters',
    fate: 'as-written',
    deeds: [{ kind: 'edit', path: '/etc/sysconfig/keepalived', edit: 'keepalived-options' }],
  },
  {
    id: 'keepalived-again',
    chapter: 'keepalived日志重定向',
    seed: ['service keepalived restart'],
    on: 'masters',
    fate: 'as-written',
    deeds: [command('service keepalived restart')],
  },
  {
    id: 'keepalived-syslog',
    chapter: 'keepalived日志重定向',
    seed: ['修改/etc/syslog.conf'],
    on: 'masters',
    fate: 'mended',
    deeds: [
      { kind: 'write', path: '/etc/rsyslog.d/keepalived.conf', file: 'keepalived-syslog.conf' },
      command('systemctl restart rsyslog'),
    ],
    finding:
      'CentOS 7 has rsyslog, which reads no /etc/syslog.conf, and has to be restarted to read anything new.',
  },
];

export const KEEPALIVED_ROWS: readonly Row[] = [...KEEPALIVED, ...SETTINGS, ...LOG];
