// Every fault by its name. To add one: its own file and a line here.
import type { Fault } from '../core/fault.ts';
import { unknownName } from '../core/suggest.ts';
import { bandwidth } from './bandwidth.ts';
import { clockStep } from './clock-step.ts';
import { cpuHog } from './cpu-hog.ts';
import { crashLoop } from './crash-loop.ts';
import { cutLink } from './cut-link.ts';
import { delay } from './delay.ts';
import { diskFull } from './disk-full.ts';
import { diskSlow } from './disk-slow.ts';
import { dropVrrp } from './drop-vrrp.ts';
import { etcdDataLost } from './etcd-data-lost.ts';
import { flapLink } from './flap-link.ts';
import { freeze } from './freeze.ts';
import { interfaceDown } from './interface-down.ts';
import { isolateHost } from './isolate-host.ts';
import { killProcess } from './kill-process.ts';
import { leaveCluster } from './leave-cluster.ts';
import { memoryPressure } from './memory-pressure.ts';
import { packetLoss } from './packet-loss.ts';
import { partition } from './partition.ts';
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
  isolateHost,
  partition,
  cutLink,
  dropVrrp,
  flapLink,
  packetLoss,
  bandwidth,
  delay,
  interfaceDown,
  leaveCluster,
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
