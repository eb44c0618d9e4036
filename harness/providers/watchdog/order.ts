// What a watchdog is told: a small JSON file, which is its leave to live as well. It ends when the file is gone.

export interface WatchdogOrder {
  readonly id: string;
  readonly switches: PowerSwitches;
  /** On CLOCK_MONOTONIC, which all processes of the machine share, in nanoseconds; a decimal string. */
  readonly dueNs: string;
}

export type PowerSwitches =
  /** Names of containers that must run, not paused, when the time has come; the socket is the Docker Engine's. */
  | { readonly kind: 'engine'; readonly socketPath: string; readonly containers: readonly string[] }
  /** Shell lines that switch machines on, each of which does no harm to one that is on. */
  | { readonly kind: 'commands'; readonly lines: readonly string[] };
