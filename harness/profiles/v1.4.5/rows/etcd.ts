// Chapter 3.2: the external etcd.
import { command, type Row } from '../row.ts';

/** A host without firewalld has nothing to stop. */
export const NO_FIREWALLD = '! systemctl cat firewalld.service';

export const ETCD_ROWS: readonly Row[] = [
  {
    id: 'etcd-bring',
    chapter: '3.2',
    seed: [],
    on: 'etcd hosts',
    fate: 'added',
    when: { etcd: 'rpm' },
    deeds: [
      { kind: 'bring', from: 'etcd', to: '/root' },
      command('cd ~\nyum localinstall etcd-*.rpm -y', { unless: 'rpm -q etcd', timeoutS: 300 }),
    ],
    note: 'The seed begins where etcd is installed. For hosts without a way to a repository.',
  },
  {
    id: 'etcd-install',
    chapter: '3.2',
    seed: [],
    on: 'etcd hosts',
    fate: 'added',
    when: { etcd: 'repository' },
    deeds: [command('yum install -y etcd', { unless: 'rpm -q etcd', timeoutS: 300 })],
    note: 'The seed begins where etcd is installed.',
  },
  {
    id: 'etcd-conf',
    chapter: '3.2',
    seed: ['vi /etc/etcd/etcd.conf'],
    on: 'etcd hosts',
    fate: 'as-written',
    deeds: [{ kind: 'write', path: '/etc/etcd/etcd.conf', file: 'etcd.conf' }],
    note: 'The file is written instead of edited; for the second member with its own name and addresses.',
  },
  {
    id: 'etcd-firewall',
    chapter: '3.2',
    seed: ['iptables -F'],
    on: 'etcd hosts',
    fate: 'replaced',
    deeds: [
      command('systemctl stop firewalld', { unless: NO_FIREWALLD }),
      command('systemctl disable firewalld', { unless: NO_FIREWALLD }),
    ],
    finding:
      'Flushing a table takes the rules of kube-proxy, Docker and the network with it, and firewalld puts its own back at the next start.',
    note: 'holdfast never flushes a table. What stands before etcd is the firewall, which the seed stops in 3.3.5 for another reason.',
  },
  {
    id: 'etcd-restart',
    chapter: '3.2',
    seed: ['systemctl restart etcd'],
    on: 'etcd hosts',
    fate: 'as-written',
    deeds: [command('systemctl restart etcd', { timeoutS: 120 }), command('systemctl enable etcd')],
    note: 'All members at once: the first waits for the majority. Enabled too, which the seed forgets: else it is away after a reboot.',
  },
  {
    id: 'etcd-members',
    chapter: '3.2',
    seed: ['etcdctl member list'],
    on: 'first etcd host',
    fate: 'as-written',
    deeds: [command('etcdctl member list', { expect: '{{etcdMembers}}', repeated: true })],
    finding: 'Two members tolerate no failure: with either away, the API writes nothing (holdfast lint).',
  },
];
