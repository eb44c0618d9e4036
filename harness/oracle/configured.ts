// The keepalived configuration that a record holds.
import type { ScenarioRecord, VrrpInstance } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';

/** The VIP's instances as last read at a moment or before; undefined when none was read. */
export function vrrpInstancesAt(
  { events }: ScenarioRecord,
  atMs: number,
): readonly VrrpInstance[] | undefined {
  const configured = eventsOfType(events, 'vrrp.configured').findLast((one) => one.atMs <= atMs);
  return configured?.instances.length === 0 ? undefined : configured?.instances;
}
