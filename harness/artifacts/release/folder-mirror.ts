// A folder with the official layout: <folder>/v1.31.4/bin/linux/amd64/kubelet, kubelet.sha256 …
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mirror, MirrorFile } from './mirror.ts';

export class FolderMirror implements Mirror {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  where(path: string): string {
    return join(this.#folder, path);
  }

  async open(path: string, fromByte: number, signal: AbortSignal): Promise<MirrorFile | undefined> {
    const file = this.where(path);
    const status = await stat(file).catch(() => undefined);
    if (!status?.isFile()) return undefined;
    const startsAtByte = fromByte < status.size ? fromByte : 0;
    return {
      startsAtByte,
      totalBytes: status.size,
      bytes: createReadStream(file, { start: startsAtByte, signal, highWaterMark: 256 * 1024 }),
    };
  }
}
