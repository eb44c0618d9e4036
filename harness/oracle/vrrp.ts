// VRRP arithmetic (RFC 3768 and 5798, section 6.1) as keepalived does it: who is elected, and how long each waits.
import ipaddr from 'ipaddr.js';
import type { VrrpInstance } from '../core/record.ts';

/**
 * What a takeover may cost beyond the protocol's timers: the timer firing late on a busy machine, the address added
 * over netlink, gratuitous ARP sent. On a loaded two-core machine this is some tens of milliseconds. A quarter of
 * the default advert interval is well above that, and well below one advert more, which must not go unnoticed.
 */
export const TAKEOVER_ALLOWANCE_MS = 250;

/** keepalived's VRRP_PRIO_OWNER: as a base priority it is never changed by scripts. */
const PRIORITY_OF_OWNER = 255;
const DEFAULT_VERSION = 2;

/** The priority while all track scripts succeed: positive weights are added, negative ones are not yet subtracted. */
export function effectivePriority({ priority, trackScripts }: VrrpInstance): number {
  if (priority === PRIORITY_OF_OWNER) return priority;
  const bonus = trackScripts.reduce((sum, { weight }) => sum + Math.max(0, weight), 0);
  return Math.min(PRIORITY_OF_OWNER - 1, priority + bonus);
}

/** Skew_Time: the better the priority, the sooner. Version 2 counts it in seconds, version 3 in advert intervals. */
export function skewMs(instance: VrrpInstance): number {
  const unitMs = 1000 * (versionOf(instance) === 3 ? instance.advertIntervalS : 1);
  return ((256 - effectivePriority(instance)) / 256) * unitMs;
}

/** Master_Down_Interval: how long a backup stays quiet after the last advert it heard. */
export function masterDownMs(instance: VrrpInstance): number {
  return 3 * advertMs(instance) + skewMs(instance);
}

/** The host that ends up as master: the highest effective priority, and among equals the highest address. */
export function electMaster(instances: readonly VrrpInstance[]): VrrpInstance | undefined {
  return instances.toSorted(
    (one, other) =>
      effectivePriority(other) - effectivePriority(one) || compareAddresses(other.address, one.address),
  )[0];
}

/** In words, for a term. */
export function skewFormula(instance: VrrpInstance): string {
  const unit = versionOf(instance) === 3 ? 'advert_int' : '1 s';
  return `(256 − ${effectivePriority(instance)})/256 × ${unit}`;
}

export function advertMs({ advertIntervalS }: VrrpInstance): number {
  return 1000 * advertIntervalS;
}

function versionOf({ version }: VrrpInstance): 2 | 3 {
  return version ?? DEFAULT_VERSION;
}

/** By their bytes, as keepalived breaks ties: below 0 when the first is the lower one. */
export function compareAddresses(one: string, other: string): number {
  const [left, right] = [ipaddr.parse(one).toByteArray(), ipaddr.parse(other).toByteArray()];
  const differs = left.findIndex((byte, index) => byte !== right[index]);
  return differs === -1 ? 0 : (left[differs] ?? 0) - (right[differs] ?? 0);
}
