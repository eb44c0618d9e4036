// What chapter 3 says of a cluster that is up: operating and testing it. holdfast asks these questions by scenarios.
import { command, type Row } from '../row.ts';

const OPERATIONS = 'master节点集群的运维';
const TESTS = '可用性测试';
const byGuard = (text: string): string =>
  `${text}: by the guard on each master (guard: on in a topology), not by hand.`;

export const AFTERWARDS_ROWS: readonly Row[] = [
  {
    id: 'kubelet-dead',
    chapter: OPERATIONS,
    seed: ['杀掉该节点keepalived', '重启该节点的kubelet进程，重启该节点keepalived'],
    on: 'masters',
    fate: 'not-run',
    deeds: [],
    note: byGuard('A dead kubelet stops its keepalived, and a living one starts it again'),
  },
  {
    id: 'network-lost',
    chapter: OPERATIONS,
    seed: ['杀掉该节点的keepalived', '重启该节点keepalived'],
    on: 'masters',
    fate: 'not-run',
    deeds: [],
    note: byGuard(
      'A master that reaches no other host stops its keepalived, and starts it again when it does',
    ),
  },
  {
    id: 'host-dead',
    chapter: OPERATIONS,
    seed: ['重启该Node，并重启kubelet等进程，重启该节点keepalived'],
    on: 'masters',
    fate: 'not-run',
    deeds: [],
    note: 'Both are enabled, so the host starts them at boot (scenario power-off-vip-holder).',
  },
  {
    id: 'logapi',
    chapter: TESTS,
    seed: [
      '先用kubectl run命令部署，然后导出，yaml文件，改造一下，指定nodeSelector，然后删除deployment，再使用kubectl apply -f 命令重新部署',
    ],
    on: 'first master',
    fate: 'mended',
    deeds: [
      { kind: 'write', path: '/root/logapi.yaml', file: 'logapi.yaml' },
      command('cd ~\nkubectl apply -f logapi.yaml'),
    ],
    note: "Applied at once with its nodeSelector, in the API groups of that age. Its image is not part of the seed's bundle: the pods wait for it until it is loaded on the nodes.",
  },
  {
    id: 'logapi-scale',
    chapter: TESTS,
    seed: [
      'kubectl get pods -o wide',
      'kubectl scale deployment logapi --replicas=12',
      'kubectl get pods -o wide',
      'kubectl scale deployment logapi --replicas=3',
      'kubectl get pods -o wide',
    ],
    on: 'first master',
    fate: 'not-run',
    deeds: [],
    note: 'Asked by the scenario scale-logapi-while-master2-down.',
  },
  {
    id: 'logapi-greeting',
    chapter: TESTS,
    seed: ['curl http://10.10.103.96:31070/api/log/greeting'],
    on: 'nodes',
    fate: 'not-run',
    deeds: [],
    note: 'Asked by the probes service-from-…, ten times a second; rolling by the scenario roll-logapi-while-master2-down.',
  },
];
