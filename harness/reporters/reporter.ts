// A reporter turns a run, as it was judged, into the texts of one or more files. It touches nothing else.
import type { RunReport } from '../core/report.ts';

/** What a page is made of beside its content; made once, as it is the same for every run. */
export interface PageAssets {
  /** JavaScript, for a script element. */
  readonly script: string;
  /** CSS, for a style element. */
  readonly style: string;
}

export interface Reporter {
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** The file's name within the run folder; of several, the folder's with a slash at the end. */
  readonly file: string;
  /** @returns path within the run folder → text */
  readonly render: (report: RunReport, assets: PageAssets) => Readonly<Record<string, string>>;
}
