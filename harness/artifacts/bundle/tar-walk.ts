// Walks through a tar archive as a stream, entry by entry, and refuses whatever could do harm where it is unpacked.
import { posix } from 'node:path';
import { extract, type Extract, type Header } from 'tar-stream';
import { asError } from '../../core/errors.ts';
import { type Bytes } from './byte-reader.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './limits.ts';
import { BundleRefusal, COPY_AGAIN, inside, printable } from './refusal.ts';

export interface TarEntry {
  /** Relative, without "." and doubled slashes. */
  readonly name: string;
  readonly kind: 'file' | 'link';
  /** What a link leads to, as such a name too. */
  readonly target?: string;
  readonly sizeBytes: number;
  readonly content: Bytes;
}

/** An archive ends with two blocks of zeros. */
const TRAILER_BYTES = 1024;
const DISTRUST = 'do not unpack it; get the file from a source that you trust';

/** Every file and link; of what is not read by the caller the rest is skipped. @throws BundleRefusal */
export async function* tarEntries(
  source: Bytes,
  where: string,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): AsyncGenerator<TarEntry> {
  const unpacker = extract();
  const feeding = feed(source, unpacker);
  const guard = new Guard(where, limits);
  // Whoever reads an entry is only told that its stream was destroyed; why is known here.
  const explain = (thrown: unknown): Error => explained(feeding.failure() ?? asError(thrown), where);
  try {
    for await (const entry of unpacker) {
      const accepted = guard.accept(entry.header, contentOf(entry as Bytes, explain));
      if (accepted) yield accepted;
      entry.resume();
    }
    guard.requireTrailer(await feeding.ended);
  } catch (thrown) {
    throw explain(thrown);
  } finally {
    unpacker.destroy();
    await feeding.ended.catch(() => undefined);
  }
}

/** What goes wrong with the archive while its reader is at an entry is told in the archive's words too. */
async function* contentOf(entry: Bytes, explain: (thrown: unknown) => Error): AsyncGenerator<Uint8Array> {
  try {
    yield* entry;
  } catch (thrown) {
    throw explain(thrown);
  }
}

interface Feeding {
  /** The last bytes of the stream; rejects with what went wrong in it. */
  readonly ended: Promise<Buffer>;
  failure(): Error | undefined;
}

function feed(source: Bytes, unpacker: Extract): Feeding {
  let failure: Error | undefined;
  unpacker.on('error', (error) => (failure ??= error));
  const pump = async (): Promise<Buffer> => {
    let tail = Buffer.alloc(0);
    try {
      for await (const chunk of source) {
        if (unpacker.destroyed) return tail;
        tail = Buffer.concat([tail, chunk.subarray(-TRAILER_BYTES)]).subarray(-TRAILER_BYTES);
        if (!unpacker.write(chunk)) await drained(unpacker);
      }
      unpacker.end(undefined);
      return tail;
    } catch (thrown) {
      failure ??= asError(thrown);
      unpacker.destroy(failure);
      throw failure;
    }
  };
  const ended = pump();
  ended.catch(() => undefined);
  return { ended, failure: () => failure };
}

function drained(unpacker: Extract): Promise<void> {
  return new Promise((resolve) => {
    if (unpacker.destroyed) {
      resolve();
      return;
    }
    const goOn = (): void => {
      unpacker.off('drain', goOn);
      unpacker.off('close', goOn);
      resolve();
    };
    unpacker.on('drain', goOn);
    unpacker.on('close', goOn);
  });
}

/** Looks at every header, and keeps count. */
class Guard {
  readonly #where: string;
  readonly #limits: ArchiveLimits;
  readonly #names = new Set<string>();
  #entries = 0;
  #bytes = 0;

  constructor(where: string, limits: ArchiveLimits) {
    this.#where = where;
    this.#limits = limits;
  }

  accept(header: Header, content: Bytes): TarEntry | undefined {
    const { name: rawName, size } = header;
    // The library's types hide that it gives null for a letter it does not know, and where no link is meant.
    const type = header.type as Header['type'] | null;
    const linkname = (header.linkname as string | null) ?? '';
    this.#count(size);
    const name = this.#safeName(rawName, rawName);
    if (type === 'directory') return undefined;
    if (name === '.') throw this.#refuse(rawName, 'it names a file without a name', 'a relative path');
    if (this.#names.has(name)) {
      throw this.#refuse(
        rawName,
        'it is in the archive twice',
        'each path once: programs differ in which one they take',
      );
    }
    this.#names.add(name);
    switch (type) {
      case 'file':
      case 'contiguous-file':
        return { name, kind: 'file', sizeBytes: size, content };
      case 'symlink':
        return { name, kind: 'link', target: this.#symlinkTarget(name, linkname), sizeBytes: 0, content };
      case 'link':
        return { name, kind: 'link', target: this.#safeName(linkname, rawName), sizeBytes: 0, content };
      default:
        throw this.#refuse(
          rawName,
          `it is a ${type ?? 'thing of a type that tar does not know'}`,
          'files, folders and links inside',
        );
    }
  }

  requireTrailer(tail: Buffer): void {
    if (tail.length === TRAILER_BYTES && tail.every((byte) => byte === 0)) return;
    throw new BundleRefusal({
      where: this.#where,
      found: 'the archive ends without its two empty blocks',
      expected: 'a whole tar archive: it was cut short',
      todo: COPY_AGAIN,
    });
  }

  #count(size: number): void {
    this.#entries += 1;
    this.#bytes += size;
    const { entries, bytes } = this.#limits;
    if (this.#entries <= entries && this.#bytes <= bytes) return;
    const found =
      this.#entries > entries ? `more than ${entries} entries` : `more than ${bytes} bytes unpacked`;
    throw new BundleRefusal({
      where: this.#where,
      found,
      expected: 'an archive of a few large files',
      todo: DISTRUST,
    });
  }

  /** A path by which nothing outside can be meant. */
  #safeName(path: string, rawName: string): string {
    if (path === '' || path.length > this.#limits.nameLength || path.includes('\0')) {
      throw this.#refuse(rawName, 'its path is empty, too long or has a zero byte', 'a relative path');
    }
    if (path.startsWith('/') || path.split('/').includes('..')) {
      throw this.#refuse(
        rawName,
        `"${printable(path)}" leads out of the archive`,
        'a relative path without ".."',
      );
    }
    return posix.normalize(path).replace(/\/$/, '');
  }

  #symlinkTarget(name: string, target: string): string {
    const reached = posix.join(posix.dirname(name), target);
    if (
      target === '' ||
      target.startsWith('/') ||
      target.includes('\0') ||
      reached.split('/').includes('..')
    ) {
      throw this.#refuse(
        name,
        `it is a link to "${printable(target)}", out of the archive`,
        'a link to a file inside',
      );
    }
    return reached.replace(/\/$/, '');
  }

  #refuse(name: string, found: string, expected: string): BundleRefusal {
    return new BundleRefusal({ where: inside(this.#where, name), found, expected, todo: DISTRUST });
  }
}

function explained(error: Error, where: string): Error {
  if (error instanceof BundleRefusal) return error;
  const isCutShort = /^(Unexpected end of data|Stream was destroyed)$/.test(error.message);
  const isTars = isCutShort || /tar|header/i.test(error.message);
  if (!isTars) return error;
  return new BundleRefusal({
    where,
    found: isCutShort
      ? 'the archive ends in the middle of an entry'
      : 'it is no tar archive, or a damaged one',
    expected: isCutShort ? 'a whole tar archive: it was cut short' : 'a tar archive',
    todo: COPY_AGAIN,
    cause: error,
  });
}
