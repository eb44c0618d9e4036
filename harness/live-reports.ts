// A run's reports, written again whenever there is more to tell.
import { readRunSince, sizeOf } from './core/journal.ts';
import type { RunReport } from './core/report.ts';
import { pageAssets } from './page-assets.ts';
import { GrowingReport, writeReports } from './reports.ts';
import type { RunFolder } from './run/folder.ts';

export class LiveReports {
  readonly #folder: RunFolder;
  readonly #warn: (error: Error) => void;
  readonly #growing = new GrowingReport();
  readonly #assets = pageAssets();
  #readToByte = 0;

  constructor(folder: RunFolder, warn: (error: Error) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /** To be called between scenarios: of one that is under way the rest would be missing. */
  async write(): Promise<RunReport> {
    const { journal, path } = this.#folder;
    const toByte = sizeOf(journal);
    this.#growing.add(readRunSince(journal, this.#readToByte));
    this.#readToByte = toByte;
    const report = this.#growing.report();
    for (const error of writeReports(path, report, await this.#assets).errors) this.#warn(error);
    return report;
  }
}
