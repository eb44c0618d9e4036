// How a command of the plan becomes one that a host runs.

/** As one would type it: both outputs in their order, ended by the first command that fails. */
export function argvOf(command: string): readonly string[] {
  return ['bash', '-ec', `exec 2>&1\n${command}`];
}

/** Asked of a host: done already where it ends with 0. */
export function questionOf(unless: string): readonly string[] {
  return ['bash', '-c', unless];
}

export const ANY_EXIT_CODE: readonly number[] = Array.from({ length: 256 }, (_, code) => code);
