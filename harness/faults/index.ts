// Every fault by its name. To add one: its own file and a line here.
import type { Fault } from '../core/fault.ts';
import { unknownName } from '../core/suggest.ts';
import { clockStep } from './clock-step.ts';
import { cpuHog } from './cpu-hog.ts';
import { crashLoop } from './crash-loop.ts';
import { diskFull } from './disk-full.ts';
import { diskSlow } from './disk-slow.ts';
import { etcdDataLost } from './etcd-data-lost.ts';
import { freeze } from './freeze.ts';
import { killProcess } from './kill-process.ts';
import { memoryPressure } from './memory-pressure.ts';
import { pauseProcess } from './pause-process.ts';
import { powerOff } from './power-off.ts';
import { reboot } from './reboot.ts';
import { stopProcess } from './stop-process.ts';

export const FAULTS: readonly Fault[] = [
  killProcess,
  stopProcess,
  pauseProcess,
  crashLoop,
  powerOff,
  reboot,
  freeze,
  cpuHog,
  memoryPressure,
  diskFull,
  diskSlow,
  etcdDataLost,
  clockStep,
];

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
