// How hosts are brought back: by the Docker Engine, or by what the user has said.
import { exec } from 'node:child_process';
import { bringBack, isGone } from './engine-socket.ts';
import type { PowerSwitches } from './order.ts';

export interface PowerSwitch {
  /** @returns whether the host is on its way, or does not exist any more */
  press(): Promise<boolean>;
  /** Whether there is nothing left to bring back. */
  isGone(): Promise<boolean>;
}

const COMMAND_TIMEOUT_MS = 60_000;

export function switchesAt(switches: PowerSwitches): readonly PowerSwitch[] {
  if (switches.kind === 'commands') {
    return switches.lines.map((line) => ({
      press: () => succeeds(line),
      isGone: () => Promise.resolve(false),
    }));
  }
  const { socketPath, containers } = switches;
  return containers.map((container) => ({
    press: () => bringBack(socketPath, container),
    isGone: () => isGone(socketPath, container),
  }));
}

function succeeds(line: string): Promise<boolean> {
  return new Promise((resolve) => {
    exec(line, { timeout: COMMAND_TIMEOUT_MS }, (error) => resolve(error === null));
  });
}
