// Chapters 3.3.2 to 3.3.4: the VIP, kubeadm init and what may go wrong with it, the other masters, the network.
import { INIT_LOG, VERSION } from '../names.ts';
import { command, type Row } from '../row.ts';

const INIT = `kubeadm init --api-advertise-addresses={{vip}} --external-etcd-endpoints={{etcdEndpoints}} --use-kubernetes-version ${VERSION}`;
const SEEDS_INIT = `kubeadm init --api-advertise-addresses=10.10.102.21 --external-etcd-endpoints=http://10.10.103.96:2379,http://10.10.103.97:2379 --use-kubernetes-version ${VERSION}`;
export const SUCCESS = 'Kubernetes master initialised successfully!';
/** The masters' keys are in it. */
const PACKED = '/root/etc-kubernetes.tar.gz';

/** Also where keepalived has it already, on whichever master. */
const HELD = "ip -4 -oneline address show | grep -qF ' {{vip}}/' || systemctl --quiet is-active keepalived";

const VIP: readonly Row[] = [
  {
    id: 'vip-ip',
    chapter: '3.3.2',
    seed: ['ip addr add 10.10.102.21/24 dev eth0'],
    on: 'first master',
    fate: 'as-written',
    when: { vip: 'ip' },
    deeds: [command('ip addr add {{vipCidr}} dev {{interface}}', { unless: HELD })],
  },
  {
    id: 'vip-ifconfig',
    chapter: '3.3.2',
    seed: ['ifconfig eth0:0 10.10.102.21 netmask 255.255.255.0 up'],
    on: 'first master',
    fate: 'as-written',
    when: { vip: 'ifconfig' },
    recommended: true,
    deeds: [command('ifconfig {{interface}}:0 {{vip}} netmask {{vipNetmask}} up', { unless: HELD })],
  },
  {
    id: 'vip-down',
    chapter: '3.3.2',
    seed: ['sudo ifconfig eth0:0 down'],
    on: 'first master',
    fate: 'not-run',
    deeds: [],
    note: 'keepalived takes the address over in 3.3.10. Who takes it away by hand cuts the cluster off from its own API.',
  },
];

const INITIALISATION: readonly Row[] = [
  {
    id: 'init',
    chapter: '3.3.2',
    seed: [SEEDS_INIT],
    on: 'first master',
    fate: 'as-written',
    deeds: [
      command(INIT, {
        unless: `grep -q '${SUCCESS}' ${INIT_LOG}`,
        expect: `${SUCCESS}[\\s\\S]*kubeadm join --token=\\w+\\.\\w+ {{vip}}`,
        timeoutS: 600,
        keepIn: INIT_LOG,
      }),
    ],
    note: 'The token is read from what it prints, which is kept on the host as the seed says ("记录token"), for root alone.',
  },
  {
    id: 'repair-kubernetes-not-empty',
    chapter: '3.3.2',
    seed: ['rm -rf /etc/kubernetes'],
    on: 'first master',
    fate: 'repair',
    deeds: [command('rm -rf /etc/kubernetes')],
    note: 'Where kubeadm init says "/etc/kubernetes is not empty".',
  },
  {
    id: 'repair-etcd-not-empty',
    chapter: '3.3.2',
    seed: ['rm -rf /var/lib/etcd'],
    on: 'first master',
    fate: 'repair',
    deeds: [command('rm -rf /var/lib/etcd')],
    note: 'Where kubeadm init says "/var/lib/etcd is not empty". Never on a host that carries a member of etcd: refused there.',
  },
  {
    id: 'repair-port-in-use',
    chapter: '3.3.2',
    seed: ['docker rmi etcd_imageid'],
    on: 'first master',
    fate: 'repair',
    deeds: [command('docker rmi $(docker images -q gcr.io/google_containers/etcd-amd64)')],
    finding:
      'An image listens on no port: a container of it does, or an etcd of the host. Removing the image helps where its container has ended.',
    note: 'Where kubeadm init says "Port 2379 is in use".',
  },
  {
    id: 'init-log',
    chapter: '3.3.2',
    seed: [SEEDS_INIT],
    on: 'first master',
    fate: 'as-written',
    deeds: [],
    note: 'The same command, shown with its output, which holdfast expects.',
  },
];

const OTHER_MASTERS: readonly Row[] = [
  {
    id: 'masters-in-order',
    chapter: '3.3.3',
    seed: ['按照以上顺序安装master2节点以及master3节点'],
    on: 'other masters',
    fate: 'as-written',
    deeds: [],
    note: 'The rows of 3.3.1 are run on every host.',
  },
  {
    id: 'masters-pack',
    chapter: '3.3.3',
    seed: [],
    on: 'first master',
    fate: 'added',
    deeds: [command(`umask 077\ntar -C /etc/kubernetes -czf ${PACKED} .`)],
    note: 'For the next row.',
  },
  {
    id: 'masters-copy',
    chapter: '3.3.3',
    seed: [
      '复制master1 的/etc/kubernetes/并启动kubelet',
      'scp -r /etc/kubernetes/* root@10.10.102.92:/etc/kubernetes/',
      'scp -r /etc/kubernetes/* root@10.10.102.93:/etc/kubernetes/',
    ],
    on: 'other masters',
    fate: 'replaced',
    deeds: [
      { kind: 'hand-over', path: PACKED },
      command(`mkdir -p /etc/kubernetes\ntar -C /etc/kubernetes -xzf ${PACKED}`, {
        unless: 'test -s /etc/kubernetes/admin.conf',
      }),
      command(`rm -f ${PACKED}`),
      command('systemctl start kubelet'),
    ],
    finding: "All masters have master1's keys and certificates, its kubelet's too: who has one has all.",
    note: 'Carried by holdfast: masters need no way to log in to each other.',
  },
  {
    id: 'masters-unpack',
    chapter: '3.3.3',
    seed: [],
    on: 'first master',
    fate: 'added',
    deeds: [command(`rm -f ${PACKED}`)],
    note: 'Keys are not left lying.',
  },
];

const NETWORK: readonly Row[] = [
  {
    id: 'network-images',
    chapter: '3.3.4',
    seed: [],
    on: 'every host',
    fate: 'added',
    deeds: [
      { kind: 'bring', from: 'network', to: '/root' },
      command(
        'cd ~\nfor tar in network/*.tar ; do\n  if test -e $tar ; then docker load -i $tar ; fi\ndone',
        {
          timeoutS: 300,
        },
      ),
    ],
    note: "The network's images, for hosts without a way to a registry.",
  },
  {
    id: 'network',
    chapter: '3.3.4',
    seed: ['部署网络方案'],
    on: 'first master',
    fate: 'mended',
    deeds: [command('cd ~\nkubectl apply -f network')],
    finding: 'The chapter is empty. Its list of pods shows weave-net.',
    note: "The bundle's manifests are applied: weave's or another one's.",
  },
];

export const MASTER_ROWS: readonly Row[] = [...VIP, ...INITIALISATION, ...OTHER_MASTERS, ...NETWORK];
