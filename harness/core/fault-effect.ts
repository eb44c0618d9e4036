// What a recorded fault took away.
import type { FaultEffect, FaultPrepared } from './record.ts';

/** Records from before effects were recorded are of one kind of fault. */
export function effectOf({ effect, kind, target }: FaultPrepared): FaultEffect | undefined {
  return effect ?? (kind === 'power-off' ? { hostsDown: [target] } : undefined);
}
