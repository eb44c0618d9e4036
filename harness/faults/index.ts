// Every fault by its name. To add one: its own file and a line here.
import type { Fault } from '../core/fault.ts';
import { unknownName } from '../core/suggest.ts';
import { powerOff } from './power-off.ts';

export const FAULTS: readonly Fault[] = [powerOff];

/** @throws UsageError that names the faults there are */
export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (fault) return fault;
  throw unknownName(
    'fault',
    name,
    FAULTS.map((one) => one.name),
  );
}
