// How a command ended, as a shell would say it.
import { constants } from 'node:os';

/** @param code null when a signal ended it. @param signal "SIGKILL" */
export function exitCodeOf(code: number | null, signal: string | null | undefined): number {
  if (code !== null) return code;
  return 128 + ((constants.signals as Readonly<Record<string, number>>)[signal ?? ''] ?? 0);
}
