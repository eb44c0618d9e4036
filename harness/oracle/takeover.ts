// How long it may take until the VIP is where a fault drives it, by the way in which it drives it.
import { hasVrrp } from '../core/facts.ts';
import type { VrrpInstance } from '../core/record.ts';
import type { ControlPlane } from './control-plane.ts';
import { GUARD_NOTICE_MS, guardStops } from './guard.ts';
import { masterDownMs, skewMs, TAKEOVER_ALLOWANCE_MS } from './vrrp.ts';

/**
 * crash: the holder falls silent, or its adverts are not heard. clean-stop: it says goodbye with priority 0.
 * lower-priority: its check fails; it goes on advertising, and who is better now discards that and waits for its own
 * timer. none: nothing drives the VIP away. A guard that stops keepalived makes it say goodbye, if anybody hears.
 */
export type Leaving = 'none' | 'crash' | 'clean-stop' | 'lower-priority';

export function leavingOf(holder: string | undefined, plane: ControlPlane): Leaving {
  if (holder === undefined) return 'crash';
  const { damage, topology, vip } = plane;
  const stays = vip.every(({ holders }) => holders.length === 1 && holders[0] === holder);
  if (stays) return 'none';
  const takers = vip.flatMap(({ masters }) => masters.filter((host) => host !== holder));
  const heard = takers.every((taker) => damage.hears(taker, holder, 'vrrp'));
  if (!heard) return 'crash';
  const lost = damage.lostProcess(holder, 'keepalived');
  // Also on a host that is down: whoever shuts it down stops it first.
  if (lost?.how === 'stopped') return 'clean-stop';
  if (!damage.runsProcess(holder, 'keepalived')) return 'crash';
  return guardStops(topology, damage, holder) === undefined ? 'lower-priority' : 'clean-stop';
}

/** Until the holder's keepalived is stopped by its guard; 0 where it is not, or was stopped by the fault. */
export function guardNoticeMs(holder: string, { topology, damage }: ControlPlane): number {
  const isFaults = damage.lostProcess(holder, 'keepalived') !== undefined;
  return isFaults || guardStops(topology, damage, holder) === undefined ? 0 : GUARD_NOTICE_MS;
}

/** The latest moment after the deed at which the VIP is where it belongs, with its terms in words. */
export function takeoverMs(
  instances: readonly VrrpInstance[],
  holder: string | undefined,
  plane: ControlPlane,
): { readonly ms: number; readonly because: string } {
  if (!hasVrrp(plane.topology)) {
    return {
      ms: 0,
      because: 'it is not keepalived that leads clients to a master, and what does may lead to any',
    };
  }
  const leaving = leavingOf(holder, plane);
  if (leaving === 'none') return { ms: 0, because: 'the VIP stays where it is' };
  const takers = instances.filter(({ host }) =>
    plane.vip.some(({ masters }) => host !== holder && masters.includes(host)),
  );
  if (takers.length === 0) return { ms: 0, because: 'no other master takes the VIP over' };
  const slowest = (of: (instance: VrrpInstance) => number): number => Math.max(...takers.map(of));
  const to = takers.map(({ host }) => host).join(' or ');
  if (leaving === 'clean-stop') {
    const guardMs = holder === undefined ? 0 : guardNoticeMs(holder, plane);
    return {
      ms: guardMs + slowest(skewMs) + TAKEOVER_ALLOWANCE_MS,
      because: `the VIP goes to ${to} at its holder's goodbye${guardMs > 0 ? ', when the guard there stops keepalived' : ''}`,
    };
  }
  const downMs = slowest(masterDownMs) + TAKEOVER_ALLOWANCE_MS;
  if (leaving === 'crash') return { ms: downMs, because: `the VIP goes to ${to} when 3 adverts are missed` };
  return {
    ms: detectionMs(instances, holder) + downMs,
    because: `the VIP goes to ${to} when the holder's check has failed and its lower priority is seen`,
  };
}

/**
 * Until a failing script has lowered the priority: the fault strikes just after a good run, and then the script must fail
 * `fall` times, the last of them by its timeout (keepalived.conf(5), vrrp_script).
 */
export function detectionMs(instances: readonly VrrpInstance[], holder: string | undefined): number {
  const scripts = instances.find(({ host }) => host === holder)?.trackScripts ?? [];
  return Math.max(0, ...scripts.map(({ intervalS, timeoutS, fall }) => 1000 * (intervalS * fall + timeoutS)));
}
