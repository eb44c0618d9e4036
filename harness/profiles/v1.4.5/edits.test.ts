// What the seed does with an editor, on files as the programs of that age write them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { edited, manifestOfThatAge } from './edits.ts';

const DROP_IN = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf --require-kubeconfig=true"
Environment="KUBELET_DNS_ARGS=--cluster-dns=100.64.0.10 --cluster-domain=cluster.local"
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_DNS_ARGS $KUBELET_EXTRA_ARGS
`;
const SEEDS_LINE = 'Environment="KUBELET_DNS_ARGS=--cluster-dns=10.0.0.10 --cluster-domain=cluster.local"';

test('the kubelet’s line of DNS is exchanged, once, and put in where there is none', () => {
  const once = edited('cluster-dns', DROP_IN);
  expect(once.split('\n').filter((line) => line.includes('KUBELET_DNS_ARGS='))).toEqual([SEEDS_LINE]);
  expect(once.split('\n')).toHaveLength(DROP_IN.split('\n').length);
  expect(edited('cluster-dns', once)).toBe(once);
  expect(edited('cluster-dns', '[Service]\nExecStart=x\n')).toBe(`[Service]\n${SEEDS_LINE}\nExecStart=x\n`);
});

test('keepalived’s options are as the seed has them', () => {
  const text = '# Options\nKEEPALIVED_OPTIONS="-D"\n';
  expect(edited('keepalived-options', text)).toBe('# Options\nKEEPALIVED_OPTIONS="-D -d -S 0"\n');
  expect(edited('keepalived-options', '')).toBe('KEEPALIVED_OPTIONS="-D -d -S 0"\n');
});

/** The seed shows the beginning of the file only: what is left out is put in. */
function seedManifest(name: string): string {
  const part = readFileSync(
    new URL(`../../../fixtures/seed/files/${name}.json.part`, import.meta.url),
    'utf8',
  );
  const whole = `${part.replace('     略...\n', '').replace(/],\s*略\.\.\.\s*$/, ']')}}]}}`;
  return JSON.stringify(JSON.parse(whole), undefined, 1);
}

test('a manifest that elects its leader is left as it is; one that does not gets the flag', () => {
  for (const name of ['kube-controller-manager', 'kube-scheduler']) {
    const seeds = seedManifest(name);
    expect(seeds).toContain('"--leader-elect"');
    expect(edited('leader-elect', seeds)).toBe(seeds);
    const without = seeds.replace(/ *"--leader-elect",\n/, '');
    expect(without).not.toContain('leader-elect');
    const again = JSON.parse(edited('leader-elect', without)) as {
      spec: { containers: { command: string[] }[] };
    };
    expect(again.spec.containers[0]?.command).toContain('--leader-elect');
    expect(edited('leader-elect', seeds.replace('--leader-elect', '--leader-elect=false'))).not.toContain(
      '=false',
    );
  }
  expect(() => edited('leader-elect', '{}')).toThrow('expected a pod');
});

const EXPORTED = `apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  creationTimestamp: 2016-12-27T04:24:20Z
  generation: 3
  labels: { component: kube-dns }
  name: kube-dns
  namespace: kube-system
  resourceVersion: "1234"
  selfLink: /apis/extensions/v1beta1/namespaces/kube-system/deployments/kube-dns
  uid: 0a1b
spec:
  replicas: 1
  selector: { matchLabels: { name: kube-dns } }
  strategy: { type: RollingUpdate }
  template:
    metadata: { creationTimestamp: null, labels: { name: kube-dns } }
    spec:
      containers: [{ name: kube-dns, image: kubedns-amd64:1.7 }]
      nodeSelector: { beta.kubernetes.io/arch: amd64 }
status: { replicas: 1 }
`;

test('kube-dns as a Deployment keeps to the masters, and loses what the server had added', () => {
  const once = edited('kube-dns-on-masters', EXPORTED);
  const { apiVersion, kind, metadata, spec, status } = parse(once) as Record<string, Record<string, unknown>>;
  expect({ apiVersion, kind, status }).toEqual({
    apiVersion: 'extensions/v1beta1',
    kind: 'Deployment',
    status: undefined,
  });
  expect(metadata).toEqual({ labels: { component: 'kube-dns' }, name: 'kube-dns', namespace: 'kube-system' });
  expect(spec).toMatchObject({
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    template: {
      metadata: { labels: { name: 'kube-dns' } },
      spec: { nodeSelector: { 'kubeadm.alpha.kubernetes.io/role': 'master' } },
    },
  });
  expect((spec?.['template'] as { spec: { nodeSelector: object } }).spec.nodeSelector).not.toHaveProperty(
    'beta.kubernetes.io/arch',
  );
  expect(edited('kube-dns-on-masters', once)).toBe(once);
});

test('kube-dns as a DaemonSet has no field that a DaemonSet has not', () => {
  const once = edited('kube-dns-as-daemonset', EXPORTED);
  const object = parse(once) as { kind: string; apiVersion: string; spec: object };
  expect(object).toMatchObject({ kind: 'DaemonSet', apiVersion: 'extensions/v1beta1' });
  expect(Object.keys(object.spec).toSorted()).toEqual(['selector', 'template']);
  expect(edited('kube-dns-as-daemonset', once)).toBe(once);
  expect(() => edited('kube-dns-on-masters', once)).toThrow('not kind DaemonSet');
});

test('logapi’s manifest is one that a cluster of that age reads', () => {
  const text = readFileSync(new URL('../../../fixtures/manifests/logapi.yaml', import.meta.url), 'utf8');
  const objects = parseAllDocuments(manifestOfThatAge(text)).map(
    (document) => document.toJS() as { kind: string; apiVersion: string },
  );
  expect(objects.map(({ kind, apiVersion }) => `${kind} ${apiVersion}`)).toEqual([
    'Deployment extensions/v1beta1',
    'Service v1',
  ]);
  expect(JSON.stringify(objects)).not.toContain('tolerations');
  expect(objects[0]).toMatchObject({
    spec: { template: { spec: { nodeSelector: { 'kubeadm.alpha.kubernetes.io/role': 'node' } } } },
  });
});
