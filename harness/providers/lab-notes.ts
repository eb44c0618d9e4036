// Which labs there are, for providers whose hosts may not say so themselves: noted on this machine.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabDescriptor } from '../core/provider.ts';

export class LabNotes {
  readonly #folder: string;

  /** @param folder of one provider's labs */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(descriptor: LabDescriptor): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.pathOf(descriptor.runId);
    await writeFile(`${path}.new`, `${JSON.stringify(descriptor, undefined, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  /** Oldest first. */
  async list(): Promise<readonly LabDescriptor[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const notes = names.filter((name) => name.endsWith('.json')).toSorted();
    return Promise.all(
      notes.map(
        async (name) => JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as LabDescriptor,
      ),
    );
  }

  /** Also what was noted of runs on it. */
  async remove(runId: string): Promise<void> {
    await rm(this.folderOf(runId), { recursive: true, force: true });
    await rm(this.pathOf(runId), { force: true });
  }

  /** A folder for what else is noted of a lab. */
  folderOf(runId: string): string {
    return join(this.#folder, runId);
  }

  pathOf(runId: string): string {
    return join(this.#folder, `${runId}.json`);
  }
}
