// The ways in which the harness's part of a fault can end while the fault is in force.
import { EXIT_CODES } from '../../harness/core/errors.ts';

const EVERYWHERE = ['normal', 'exception', 'SIGINT', 'SIGTERM', 'SIGKILL', 'SIGKILL + reboot'] as const;
const WHERE_THERE_IS_A_NETWORK = ['network lost'] as const;
export type Column = (typeof EVERYWHERE | typeof WHERE_THERE_IS_A_NETWORK)[number];

/** How the harness comes to the hosts: past every network, or over one that it can lose. */
export const WAYS_THERE = ['docker', 'ssh'] as const;
export type WayThere = (typeof WAYS_THERE)[number];

export function columnsOver(way: WayThere): readonly Column[] {
  return way === 'ssh' ? [...EVERYWHERE, ...WHERE_THERE_IS_A_NETWORK] : EVERYWHERE;
}

interface Ending {
  /** How the child process ends; undefined when it is killed. */
  readonly exitCode: number | undefined;
  /** It heals nothing: that is left to the hosts, and what is left of it to heal. */
  readonly unhealed?: true;
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

export const ENDINGS: Readonly<Record<Column, Ending>> = {
  normal: { exitCode: 0 },
  exception: { exitCode: 0 },
  SIGINT: { exitCode: 130, signal: 'SIGINT' },
  SIGTERM: { exitCode: 143, signal: 'SIGTERM' },
  SIGKILL: { exitCode: undefined, unhealed: true },
  'SIGKILL + reboot': { exitCode: undefined, unhealed: true },
  'network lost': { exitCode: EXIT_CODES.inconclusive, unhealed: true },
};

/** However it is typed: "sigint", "SIGKILL+reboot". */
export function columnNamed(typed: string, columns: readonly Column[]): Column | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s-]/g, '');
  return columns.find((column) => plain(column) === plain(typed));
}
