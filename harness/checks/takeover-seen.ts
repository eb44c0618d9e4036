// When a host took the VIP over, against the deed: by two clocks, the host's and the harness's.
import type { FaultInjected, ScenarioRecord, VipAddress } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { inOrder } from '../core/series.ts';
import type { Bounds } from '../core/verdict.ts';

/** The first time that the host may have had the VIP after the deed; undefined when it never did. */
export function takeoverBy(
  { events }: ScenarioRecord,
  taker: string,
  deed: FaultInjected,
  untilMs = Infinity,
): VipAddress | undefined {
  return inOrder(eventsOfType(events, 'vip.address')).find(
    ({ host, present, atMs, uncertaintyMs = 0 }) =>
      present && host === taker && atMs + uncertaintyMs >= deed.fromMs && atMs - uncertaintyMs <= untilMs,
  );
}

/** From the deed to the takeover, as far as both moments are known. */
export function takeoverAfter(deed: FaultInjected, { atMs, uncertaintyMs = 0 }: VipAddress): Bounds {
  return {
    lowerMs: Math.max(0, atMs - uncertaintyMs - deed.toMs),
    upperMs: atMs + uncertaintyMs - deed.fromMs,
  };
}
