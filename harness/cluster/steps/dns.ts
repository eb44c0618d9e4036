// The cluster's DNS on the masters, in the variant that the topology names (the seed's chapter 3.3.7).
import { readFile } from 'node:fs/promises';
import { clusterMembers, hostsWithRole, type DnsVariant } from '../../core/topology.ts';
import { waitFor } from '../../core/wait.ts';
import { onEach, plannedHosts, type Place } from '../context.ts';
import { dnsAddress } from '../dns.ts';
import { kubectl } from '../kubectl.ts';
import { inProbePod } from '../probe-pods.ts';

const MANIFESTS = new URL('../../../fixtures/manifests/', import.meta.url);
/** As fixtures/manifests/kube-dns.yaml has it. */
const SEEDS_ADDRESS = '10.96.0.10';
const RULES_TIMEOUT_MS = 90_000;
const NAME = 'kubernetes.default.svc.cluster.local';

/** Ready, known to every kube-proxy, and answering pods on every node. */
export async function deployDns(context: Place, signal?: AbortSignal): Promise<void> {
  const { topology } = context;
  const aborted = signal ? { signal } : {};
  const variant = topology.dns ?? 'none';
  const manifests = await Promise.all(
    ['kube-dns.yaml', `kube-dns-${variant}.yaml`].map((name) => readFile(new URL(name, MANIFESTS), 'utf8')),
  );
  const address = dnsAddress(topology);
  const stdin = manifests.join('---\n').replace(`clusterIP: ${SEEDS_ADDRESS}`, `clusterIP: ${address}`);
  await kubectl(context, ['apply', '--filename', '-'], { stdin, ...aborted });
  const kubeDns = `${variant}/kube-dns`;
  const inSystem = ['--namespace', 'kube-system'];
  if (variant === 'deployment') {
    // The seed scales it to the number of its masters.
    const replicas = `--replicas=${hostsWithRole(topology, 'master').length}`;
    await kubectl(context, [...inSystem, 'scale', kubeDns, replicas], aborted);
  }
  await kubectl(context, [...inSystem, 'rollout', 'status', '--timeout=90s', kubeDns], aborted);
  await awaitRules(context, aborted);
  await onEach(context, plannedHosts(context, 'node'), async ({ plan, host }) => {
    const question = `const { Resolver } = require('node:dns').promises;
const resolver = new Resolver({ timeout: 1000, tries: 1 });
resolver.setServers(['${address}']);
resolver.resolve4('${NAME}').then((found) => console.log(found.join()), (error) => console.log(error.code));`;
    await waitFor(`DNS from a pod on ${plan.name}`, { timeoutMs: 20_000, ...aborted }, async () => {
      const { stdout } = await host.run(inProbePod(['node', '-e', question]), {
        timeoutMs: 5_000,
        ...aborted,
      });
      return /^\d+\./.test(stdout)
        ? { done: undefined }
        : { missing: `${address} answered ${stdout.trim()}` };
    });
  });
}

/**
 * A kube-proxy whose connection led to a master that has lost its power hears nothing of any change until it gives that
 * connection up, about 58 s later. Who takes the old pods away by then leaves it with rules for pods that are gone.
 */
async function awaitRules(context: Place, aborted: { readonly signal?: AbortSignal }): Promise<void> {
  const podAddresses = ['--output', 'jsonpath={.items[*].status.podIP}', '--selector', 'k8s-app=kube-dns'];
  const { stdout } = await kubectl(
    context,
    ['--namespace', 'kube-system', 'get', 'pods', ...podAddresses],
    aborted,
  );
  const addresses = stdout.split(' ').filter(Boolean);
  const members = clusterMembers(context.topology).map((plan) => ({
    plan,
    host: context.lab.host(plan.name),
  }));
  await onEach(context, members, async ({ plan, host }) => {
    const limit = { timeoutMs: RULES_TIMEOUT_MS, intervalMs: 500, ...aborted };
    await waitFor(`rules for the DNS pods on ${plan.name}`, limit, async () => {
      const rules = (await host.run(['iptables-save', '--table', 'nat'], { timeoutMs: 10_000, ...aborted }))
        .stdout;
      const missing = addresses.filter((address) => !rules.includes(`--to-destination ${address}:`));
      return missing.length === 0 ? { done: undefined } : { missing: `none for ${missing.join(', ')}` };
    });
  });
}

/** Takes away both variants but one, or all of DNS, and resolves when their pods are gone. Idempotent. */
export async function removeDns(context: Place, but: DnsVariant): Promise<void> {
  const inSystem = ['--namespace', 'kube-system'];
  const remove = async (words: readonly string[]): Promise<void> => {
    await kubectl(context, [...inSystem, 'delete', '--ignore-not-found', '--timeout=100s', ...words], {});
  };
  if (but !== 'none') {
    const other = but === 'deployment' ? 'daemonset' : 'deployment';
    // A pod that is still ending is still asked until every kube-proxy has heard of it: the next fault must not meet that.
    await remove(['--cascade=foreground', `${other}/kube-dns`]);
    return;
  }
  // Not left to the collector of the controller manager, which after a power cut may be as blind as a kube-proxy for as long.
  await remove(['deployments,daemonsets,replicasets,pods', '--selector', 'k8s-app=kube-dns']);
  await remove(['service/kube-dns', 'serviceaccount/kube-dns']);
  await remove(['clusterrole/holdfast:kube-dns', 'clusterrolebinding/holdfast:kube-dns']);
}
