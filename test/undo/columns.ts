// The ways in which the harness's part of a fault can end while the fault is in force.

export const COLUMNS = ['normal', 'exception', 'SIGINT', 'SIGTERM', 'SIGKILL', 'SIGKILL + reboot'] as const;
export type Column = (typeof COLUMNS)[number];

interface Ending {
  /** How the child process ends; undefined when it is killed. */
  readonly exitCode: number | undefined;
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

export const ENDINGS: Readonly<Record<Column, Ending>> = {
  normal: { exitCode: 0 },
  exception: { exitCode: 0 },
  SIGINT: { exitCode: 130, signal: 'SIGINT' },
  SIGTERM: { exitCode: 143, signal: 'SIGTERM' },
  SIGKILL: { exitCode: undefined },
  'SIGKILL + reboot': { exitCode: undefined },
};

/** However it is typed: "sigint", "SIGKILL+reboot". */
export function columnNamed(typed: string): Column | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s-]/g, '');
  return COLUMNS.find((column) => plain(column) === plain(typed));
}
