// Every fault by its name. To add one: its own file and a line here.
import type { Fault } from '../core/fault.ts';
import { unknownName } from '../core/suggest.ts';
import { crashLoop } from './crash-loop.ts';
import { killProcess } from './kill-process.ts';
import { pauseProcess } from './pause-process.ts';
import { powerOff } from './power-off.ts';
import { stopProcess } from './stop-process.ts';

export const FAULTS: readonly Fault[] = [killProcess, stopProcess, pauseProcess, crashLoop, powerOff];

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
