// What a deed of the plan is given.
import type { ProgressListener } from '../../core/progress.ts';
import type { Lab } from '../../core/provider.ts';
import type { BundleFolder } from './bundle-folder.ts';
import type { Repairs } from './repairs.ts';

export interface Performance {
  readonly lab: Lab;
  readonly bundle: BundleFolder;
  readonly repairs: Repairs;
  readonly progress: ProgressListener;
  /** Known when kubeadm init has printed it, now or in a run before. */
  readonly token: { value: string | undefined };
}

/** Where and for what a deed is done. */
export interface Turn extends Performance {
  readonly row: string;
  /** As the progress calls it. */
  readonly step: string;
  readonly host: string;
  readonly signal: AbortSignal;
}
