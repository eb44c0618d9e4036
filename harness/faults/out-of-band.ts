// Faults after which a host cannot undo anything by itself: it has no power, or stands still. Their undo waits where the
// power switch is.
import type { DeedTime, FaultCall } from '../core/fault.ts';
import type { Host, Power, PowerState } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';

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
