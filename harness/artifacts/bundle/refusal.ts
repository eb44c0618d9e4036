// The one error of everything that reads a bundle: which file, what is wrong, what was expected, what to do.
import { UsageError } from '../../core/errors.ts';

export interface RefusalParts {
  /** Path on disk, and after " › " the place inside an archive. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
  readonly todo: string;
  readonly cause?: Error;
}

export class BundleRefusal extends UsageError {
  readonly where: string;

  constructor({ where, found, expected, todo, cause }: RefusalParts) {
    super(`${where}: ${found}; expected ${expected}`, { hint: todo, ...(cause && { cause }) });
    this.where = where;
  }
}

export const COPY_AGAIN = 'copy or download the file again, and compare its checksum with the source';

/** A place inside an archive. */
export function inside(where: string, entry: string): string {
  return `${where} › ${printable(entry)}`;
}

/** Names in archives are anybody's bytes: what a terminal would act on is escaped, and the length is limited. */
export function printable(name: string): string {
  const escaped = JSON.stringify(name)
    .slice(1, -1)
    .replaceAll(/[\u007f-\u009f\u200b-\u200f\u202a-\u202e]/g, '?');
  return escaped.length > 200 ? `${escaped.slice(0, 200)}…` : escaped;
}
