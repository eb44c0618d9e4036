// The lines are what the script printed on a master and on a node of a live cluster.
import { expect, test } from 'vitest';
import { FakeHost } from '../hosts/fake.ts';
import { readLinkAddresses } from './link-addresses.ts';
import { takeVitals } from './vitals.ts';

const MASTER = `boot=1100633
containerd.service=active since 11009101449
etcd.service=inactive
kube-apiserver=since 1102092
OOM kills=0
`;

test('every host tells since when it and its processes have been up', async () => {
  const master = new FakeHost('a.master').when('sh -s', { stdout: MASTER });
  const node = new FakeHost('b.node').when('sh -s', { stdout: 'boot=1100672\nOOM kills=2\n' });
  expect(await takeVitals([master, node])).toEqual({
    'a.master': {
      boot: '1100633',
      'containerd.service': 'active since 11009101449',
      'etcd.service': 'inactive',
      'kube-apiserver': 'since 1102092',
      'OOM kills': '0',
    },
    'b.node': { boot: '1100672', 'OOM kills': '2' },
  });
});

test('two processes of one name are told together, so that the end of either is seen', async () => {
  const host = new FakeHost('a').when('sh -s', {
    stdout: 'kube-scheduler=since 1\nkube-scheduler=since 9\n',
  });
  expect(await takeVitals([host])).toEqual({ a: { 'kube-scheduler': 'since 1, since 9' } });
});

test('a host that does not answer is left out, not taken for one that has nothing to tell', async () => {
  const dead = new FakeHost('dead').when('sh -s', { exitCode: 1, stderr: 'host powered off' });
  const alive = new FakeHost('alive').when('sh -s', { stdout: 'boot=7\n' });
  expect(await takeVitals([dead, alive])).toEqual({ alive: { boot: '7' } });
});

test('link addresses are those of the interfaces that hold the hosts’ own addresses, in lower case', async () => {
  const host = new FakeHost('a.master', '10.10.102.91').when((argv) => argv.includes('10.10.102.91'), {
    stdout: '02:42:0A:0A:66:5B\n',
  });
  expect(await readLinkAddresses([host])).toEqual({ 'a.master': '02:42:0a:0a:66:5b' });
});
