// Timers of the programs under test on which expectations rest, each with its source. Those of VRRP are in vrrp.ts.
import type { Facts } from '../core/facts.ts';

/** etcd's --election-timeout by default. */
const ETCD_ELECTION_TIMEOUT_MS = 1000;

/**
 * etcd: a follower that hears nothing campaigns after a random time between one and two election timeouts; a split vote
 * costs one round more.
 */
export function etcdElectionMs({ found }: Facts): number {
  return 2 * 2 * (found?.etcd.electionTimeoutMs ?? ETCD_ELECTION_TIMEOUT_MS);
}

/**
 * kube-apiserver: how long its etcd client goes on with a member that fell silent without closing the connection:
 * keepalive after 30 s, given up after 10 s more (k8s.io/apiserver, storage/storagebackend/factory/etcd3.go).
 */
export const ETCD_CLIENT_GIVES_UP_MS = 30_000 + 10_000;

/**
 * client-go leader election, the defaults of controller-manager and scheduler: a lease of 15 s, looked at every 2 s with
 * a jitter of 1.2 (k8s.io/client-go/tools/leaderelection: RetryPeriod, JitterFactor). A candidate may see the last renewal
 * one such look late, counts 15 s from then, and takes over at its next look.
 */
export const LEASE_MS = 15_000;
const LEASE_LOOK_MS = 2_000 * (1 + 1.2);
export const LEASE_TAKEOVER_MS = LEASE_LOOK_MS + LEASE_MS + LEASE_LOOK_MS;

/**
 * kube-controller-manager: a node is NotReady after --node-monitor-grace-period (40 s), looked at every
 * --node-monitor-period (5 s); its pods leave the endpoints then, and kube-proxy learns of it within seconds.
 */
export const NODE_GRACE_MS = 40_000;
const NODE_MONITOR_MS = 5_000;
const ENDPOINTS_ALLOWANCE_MS = 5_000;
export const ENDPOINTS_REMOVED_MS = NODE_GRACE_MS + NODE_MONITOR_MS + ENDPOINTS_ALLOWANCE_MS;

/**
 * Pods of a lost node are deleted, and made elsewhere, when their toleration of not-ready and unreachable ends: 10 s, as
 * fixtures/manifests/logapi.yaml says. Of a pod that does not say it is 300 s (kube-apiserver
 * --default-unreachable-toleration-seconds).
 */
export const POD_TOLERATION_MS = 10_000;

/** What was under way when a fault struck may still be answered: as long as a request may take. */
export const UNDER_WAY_MS = 1_000;
