// One thing that doctor looked at.

/** `limited`: a run is possible, but not all of it, or only after something that holdfast does by itself. */
export type FindingState = 'ok' | 'missing' | 'limited';

export interface Finding {
  readonly requirement: string;
  readonly state: FindingState;
  /** What was found, and what follows from it. */
  readonly detail: string;
  /** A command line or a sentence. */
  readonly fix?: string;
  /** Without it no run is possible. */
  readonly required: boolean;
}
