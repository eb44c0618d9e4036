// The files of an image's archive, as far as they have to be known: digests of all, contents of the small ones that are JSON.
import { createHash } from 'node:crypto';
import { DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX } from './limits.ts';
import { BundleRefusal, COPY_AGAIN, inside } from './refusal.ts';
import type { TarEntry } from './tar-walk.ts';

export interface SavedImage {
  /** "gcr.io/google_containers/pause-amd64:3.0"; none for an image without a tag. */
  readonly names: readonly string[];
  /** As its configuration has it; undefined in archives of before Docker 1.10. */
  readonly architecture?: string;
  readonly layers: number;
}

interface ArchivedFile {
  readonly sha256: string;
  readonly isGzip: boolean;
  /** Of what looks like JSON and is small. */
  readonly document?: Buffer;
}

export class ArchiveFiles {
  readonly #where: string;
  readonly #files = new Map<string, ArchivedFile>();
  readonly #links = new Map<string, string>();
  #documentBytes = 0;

  constructor(where: string) {
    this.#where = where;
  }

  async add(entry: TarEntry): Promise<void> {
    if (entry.target !== undefined) {
      this.#links.set(entry.name, entry.target);
      return;
    }
    const hash = createHash('sha256');
    const kept: Uint8Array[] = [];
    let start: Buffer | undefined;
    for await (const chunk of entry.content) {
      start ??= Buffer.from(chunk.subarray(0, 2));
      hash.update(chunk);
      if (entry.sizeBytes <= DOCUMENT_BYTES_MAX && (start[0] === 0x7b || start[0] === 0x5b)) kept.push(chunk);
    }
    const sha256 = hash.digest('hex');
    const named = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(entry.name)?.[1];
    if (named !== undefined && named !== sha256) {
      throw this.refusal(
        entry.name,
        `its content has the digest ${sha256}`,
        `${named}, its name: it is damaged`,
      );
    }
    const document = Buffer.concat(kept);
    this.#documentBytes += document.length;
    if (this.#documentBytes > DOCUMENTS_BYTES_MAX) {
      throw this.refusal(
        undefined,
        `it holds more than ${DOCUMENTS_BYTES_MAX} bytes of JSON`,
        'a few manifests',
      );
    }
    const isGzip = start?.[0] === 0x1f && start[1] === 0x8b;
    this.#files.set(entry.name, { sha256, isGzip, ...(document.length > 0 && { document }) });
  }

  /** A link to a link, or through one, could be made to lead anywhere. */
  requireLinksInside(): void {
    for (const [name, target] of this.#links) {
      if (this.#files.has(target)) continue;
      throw this.refusal(
        name,
        `it is a link to ${target}, which is no file of the archive`,
        'a link to a layer beside it',
      );
    }
    for (const name of [...this.#files.keys(), ...this.#links.keys()]) {
      const parts = name.split('/');
      const through = parts
        .map((_, index) => parts.slice(0, index).join('/'))
        .find((path) => this.#links.has(path));
      if (through !== undefined)
        throw this.refusal(name, `its path leads through the link ${through}`, 'plain folders');
    }
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** @throws BundleRefusal when there is no such file; `neededBy` says who names it */
  digestOf(name: string, neededBy: string): ArchivedFile {
    const file = this.#find(name);
    if (file) return file;
    throw this.refusal(name, `it is missing, though ${neededBy} names it`, 'a whole archive');
  }

  /** The JSON of a file. @throws BundleRefusal when it is missing, too large or no JSON */
  json(name: string, neededBy: string): unknown {
    const { document } = this.digestOf(name, neededBy);
    try {
      return JSON.parse((document ?? Buffer.alloc(0)).toString('utf8'));
    } catch (thrown) {
      throw this.refusal(
        name,
        'it is no JSON',
        `a JSON document of ${DOCUMENT_BYTES_MAX} bytes at most`,
        thrown,
      );
    }
  }

  refusal(name: string | undefined, found: string, expected: string, cause?: unknown): BundleRefusal {
    const where = name === undefined ? this.#where : inside(this.#where, name);
    return new BundleRefusal({
      where,
      found,
      expected,
      todo: `${COPY_AGAIN}; or save the image again with docker save`,
      ...(cause instanceof Error && { cause }),
    });
  }

  #find(name: string): ArchivedFile | undefined {
    return this.#files.get(name) ?? this.#files.get(this.#links.get(name) ?? '');
  }
}
