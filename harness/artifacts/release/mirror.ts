// Where the files of releases come from: a folder on this machine, or a base URL. Both have the official layout.

export interface MirrorFile {
  /** 0 where the mirror begins anew, though a later place was asked for. */
  readonly startsAtByte: number;
  /** Of the whole file, if the mirror says so. */
  readonly totalBytes?: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface Mirror {
  /** The place of a file as a person can look at it. */
  where(path: string): string;
  /**
   * undefined when the mirror has no such file.
   * @throws EnvironmentError when it does not answer, or stops in the middle
   */
  open(path: string, fromByte: number, signal: AbortSignal): Promise<MirrorFile | undefined>;
}

const SHORT_TEXT_BYTES = 4096;

/** A small file as a whole; undefined when the mirror has none. Of a longer one, its beginning. */
export async function readText(
  mirror: Mirror,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const file = await mirror.open(path, 0, signal);
  if (!file) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of file.bytes) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > SHORT_TEXT_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, SHORT_TEXT_BYTES);
}
