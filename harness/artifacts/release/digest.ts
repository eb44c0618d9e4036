// Checksums as release sites publish them, and as names of files in the store.
import { UsageError } from '../../core/errors.ts';

/** In the order in which they are asked for. */
export const ALGORITHMS = ['sha256', 'sha512'] as const;

export interface Digest {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly hex: string;
}

const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;

/** The file has the digest alone, or the digest and the file's name. @throws UsageError */
export function parseChecksum(text: string, algorithm: Digest['algorithm'], where: string): Digest {
  const [hex = ''] = text.trim().toLowerCase().split(/\s+/);
  if (/^[0-9a-f]+$/.test(hex) && hex.length === HEX_LENGTH[algorithm]) return { algorithm, hex };
  throw new UsageError(
    `${where}: it says ${JSON.stringify(text.slice(0, 60))}; expected ${HEX_LENGTH[algorithm]} hex digits`,
    { hint: 'is it the address of a release mirror? A page for people answers every question with itself' },
  );
}

export function digestName({ algorithm, hex }: Digest): string {
  return `${algorithm}-${hex}`;
}
