// What a watchdog is told: a small JSON file, which is its leave to live as well. It ends when the file is gone.

export interface WatchdogOrder {
  readonly id: string;
  /** Of the Docker Engine. */
  readonly socketPath: string;
  /** Names of containers that must run, not paused, when the time has come. */
  readonly containers: readonly string[];
  /** On CLOCK_MONOTONIC, which all processes of the machine share, in nanoseconds; a decimal string. */
  readonly dueNs: string;
}
