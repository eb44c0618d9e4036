// Other work on the machine that carries the lab.
import type { MachineLoad } from './record.ts';

/** Kept busy by what is neither the lab's nor the harness's. */
export function otherCores({ busyCores, labCores, harnessCores }: MachineLoad): number {
  return Math.max(0, busyCores - labCores - harnessCores);
}
