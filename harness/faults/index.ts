// Every fault by its name. To add one: its own file and a line here.
import type { Fault } from '../core/fault.ts';
import { powerOff } from './power-off.ts';

export const FAULTS: readonly Fault[] = [powerOff];

export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (!fault)
    throw new Error(`no fault is called "${name}"; there are ${FAULTS.map((one) => one.name).join(', ')}`);
  return fault;
}
