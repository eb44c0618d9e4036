// Faults after which a host cannot undo anything by itself: it has no power, or stands still. Their undo waits where the
// power switch is.
import type { DeedTime, FaultCall, FaultPlan, HostDeed } from '../core/fault.ts';
import type { Host, Power, PowerState } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';

/** Whether every target's power switch can do it; else why not. */
export function whetherPowerCan(deed: 'off' | 'freeze' | 'reboot') {
  return ({ lab, targets }: FaultCall): Promise<string | undefined> =>
    Promise.resolve(
      targets.map((target) => lab.power(target).cannot?.(deed)).find((reason) => reason !== undefined),
    );
}

/** Arms the watchdog, then does the deed to all targets at once. */
export async function strikeOutOfBand(
  { lab, id, targets, limitMs }: FaultCall,
  deed: (power: Power) => Promise<void>,
): Promise<DeedTime> {
  await lab.watchdog.arm(id, targets, limitMs);
  const fromNs = process.hrtime.bigint();
  await Promise.all(targets.map((target) => deed(lab.power(target))));
  return { fromNs, toNs: process.hrtime.bigint() };
}

/** In words, for each target; `off` and `on` are the commands that a topology names, if it does. */
export function toldOutside(
  { topology, targets }: FaultPlan,
  tell: (commands: { readonly off: string; readonly on: string }) => { deed: string; undo: string },
): readonly HostDeed[] {
  return targets.map((host) => {
    const power = topology.hosts.find(({ name }) => name === host)?.power;
    const { off, on } = power ?? { off: 'the power switch', on: 'the power switch' };
    return { host, ...tell({ off, on }) };
  });
}

/** Heals first: dying in between must leave a watchdog behind, not a host. */
export async function healOutOfBand(
  { lab, id, targets }: FaultCall,
  cure: (power: Power) => Promise<void>,
): Promise<void> {
  await Promise.all(targets.map((target) => cure(lab.power(target))));
  await lab.watchdog.disarm(id);
}

export async function powerSwitchSays(
  { lab }: FaultCall,
  target: string,
  wanted: PowerState,
): Promise<Evidence> {
  const state = await lab.power(target).state();
  return { witness: 'power switch', holds: state === wanted, detail: `${target} is ${state}` };
}

export async function answersPing(observer: Host, address: string): Promise<boolean> {
  const { exitCode } = await observer.run(['ping', '-c', '1', '-W', '1', address], {
    acceptExitCodes: [0, 1],
    timeoutMs: 5_000,
  });
  return exitCode === 0;
}
