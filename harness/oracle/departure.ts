// How a fault takes the VIP from its holder, who takes it over, and when a VRRP timer allows that.
//
// As keepalived does it (keepalived/vrrp/vrrp.c and vrrp_scheduler.c; RFC 3768 and 5798, section 6.4):
// - A backup starts its master-down timer again at every advert of its own priority or a better one. An advert of a
//   lower priority it discards, unless nopreempt: the timer runs on (vrrp_state_backup). So a holder whose check fails
//   is not relieved at its first lower advert, but one master-down time after its last advert of full priority.
// - Priority 0 shortens the timer to the skew time. keepalived sends it when it is stopped, and when a script without
//   weight fails (it leaves for the FAULT state).
// - A host that comes back begins in BACKUP when each of its scripts has succeeded (one success is enough at first), and
//   takes the VIP when it has not heard a better advert for a master-down time; `state MASTER` makes no difference
//   (vrrp_init_state). Its script failing at first, it is one check after the success that its priority is back.
// - Address, then gratuitous ARP, then the first advert: all in one go (vrrp_state_master_tx).
import type { VrrpInstance } from '../core/record.ts';
import type { Budget } from '../core/result.ts';
import type { ControlPlane } from './control-plane.ts';
import { GUARD_RETURN_MS, GUARD_ROUNDS } from './guard.ts';
import { detectionMs, guardNoticeMs, leavingOf } from './takeover.ts';
import {
  advertMs,
  effectivePriority,
  electMaster,
  masterDownMs,
  skewFormula,
  skewMs,
  TAKEOVER_ALLOWANCE_MS,
} from './vrrp.ts';

/**
 * crash: the holder fell silent. isolated: it advertises, and whoever takes over does not hear it. clean-stop: it said
 * goodbye. priority-drop: its check failed.
 */
export type DepartureKind = 'crash' | 'isolated' | 'clean-stop' | 'priority-drop';

export interface Departure {
  readonly kind: DepartureKind;
  readonly holder: string;
  /** Who must take over. */
  readonly taker: VrrpInstance;
  /** The last word is an advert of priority 0. */
  readonly goodbye: boolean;
  /** From the deed to the last word, at most. */
  readonly noticeMs: number;
  /** From the last word to the takeover, by the taker's timer. */
  readonly timerMs: number;
  /** Between two adverts of the holder. */
  readonly intervalMs: number;
}

/**
 * @param plane what the fault leaves of the control plane
 * @returns undefined when the VIP stays or nobody takes it over
 */
export function departureOf(
  instances: readonly VrrpInstance[],
  holder: string,
  plane: ControlPlane,
): Departure | undefined {
  const leaving = leavingOf(holder, plane);
  const departed = instances.find(({ host }) => host === holder);
  const masters = plane.vip.flatMap((outcome) => outcome.masters);
  const taker = electMaster(instances.filter(({ host }) => host !== holder && masters.includes(host)));
  if (leaving === 'none' || !departed || !taker) return undefined;
  const kind = leaving === 'lower-priority' ? 'priority-drop' : leaving;
  const isSilent = !plane.damage.runsProcess(holder, 'keepalived');
  const leavesGroup = departed.trackScripts.some(({ weight }) => weight === 0);
  const goodbye = kind === 'clean-stop' || (kind === 'priority-drop' && leavesGroup);
  return {
    kind: kind === 'crash' && !isSilent ? 'isolated' : kind,
    holder,
    taker,
    goodbye,
    noticeMs: noticeMs(),
    timerMs: goodbye ? skewMs(taker) : masterDownMs(taker),
    intervalMs: advertMs(departed),
  };

  function noticeMs(): number {
    if (kind === 'clean-stop') return guardNoticeMs(holder, plane);
    return kind === 'priority-drop' ? detectionMs(instances, holder) : 0;
  }
}

/** What a departure may cost, term by term. */
export function departureBudget({ kind, goodbye, noticeMs, taker }: Departure): Budget {
  const checked = { name: 'check script (interval × fall + timeout)', ms: noticeMs };
  const guarded = { name: `guard (${GUARD_ROUNDS.fall} rounds)`, ms: noticeMs };
  return budgetOf([
    ...(kind === 'priority-drop' ? [checked] : []),
    ...(kind === 'clean-stop' && noticeMs > 0 ? [guarded] : []),
    ...(goodbye ? [] : [missedAdvertsOf(taker)]),
    skewOf(taker),
    ALLOWANCE,
  ]);
}

/**
 * The timers allow no takeover sooner than this after the deed: one that is sooner had another cause. The last full
 * advert was up to one interval old, and that much of the timer had passed.
 */
export function earliestTakeoverMs({ goodbye, timerMs, intervalMs }: Departure): number {
  return goodbye ? 0 : timerMs - intervalMs;
}

/**
 * What it may take until a host that is back has the VIP again, from when its check can succeed.
 * @param byGuard its guard stopped keepalived, and starts it first
 * @returns undefined when it does not preempt or is not the best
 */
export function giveBackBudget(
  instances: readonly VrrpInstance[],
  returning: string,
  byGuard = false,
): Budget | undefined {
  const instance = instances.find(({ host }) => host === returning);
  const best = electMaster(instances);
  if (!instance || best !== instance) return undefined;
  const others = instances.filter((one) => one !== instance);
  // Equal priorities are never preempted: the advert of an equal starts the timer again.
  const isEqualled = others.some((one) => effectivePriority(one) === effectivePriority(instance));
  if (!instance.preempt || isEqualled) return undefined;
  const checkMs = Math.max(
    0,
    ...instance.trackScripts.map(({ intervalS, rise, timeoutS }) => 1000 * (intervalS * rise + timeoutS)),
  );
  return budgetOf([
    ...(byGuard ? [{ name: `guard (${GUARD_ROUNDS.rise} rounds)`, ms: GUARD_RETURN_MS }] : []),
    { name: 'check script (interval × rise + timeout)', ms: checkMs },
    missedAdvertsOf(instance),
    skewOf(instance),
    ALLOWANCE,
  ]);
}

type BudgetTerm = Budget['terms'][number];

const ALLOWANCE: BudgetTerm = { name: 'takeover allowance', ms: TAKEOVER_ALLOWANCE_MS };

function missedAdvertsOf(instance: VrrpInstance): BudgetTerm {
  return { name: 'missed adverts (3 × advert_int)', ms: 3 * advertMs(instance) };
}

function skewOf(instance: VrrpInstance): BudgetTerm {
  return { name: `skew time (${skewFormula(instance)})`, ms: skewMs(instance) };
}

function budgetOf(terms: Budget['terms']): Budget {
  return { terms, totalMs: terms.reduce((sum, { ms }) => sum + ms, 0) };
}
