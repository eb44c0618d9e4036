// The keepalived configuration that a record holds.
import { hasVrrp } from '../core/facts.ts';
import type { ScenarioRecord, VrrpInstance } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';

/** The VIP's instances as last read at a moment or before; undefined when none was read. None where it is not keepalived's. */
export function vrrpInstancesAt(
  { events, run }: ScenarioRecord,
  atMs: number,
): readonly VrrpInstance[] | undefined {
  if (!hasVrrp(run.topology)) return [];
  const configured = eventsOfType(events, 'vrrp.configured').findLast((one) => one.atMs <= atMs);
  return configured?.instances.length === 0 ? undefined : configured?.instances;
}
