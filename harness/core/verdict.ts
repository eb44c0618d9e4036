// Verdicts and how they combine: the worst wins, and no data is never green.
import { EXIT_CODES, type ExitCode } from './errors.ts';

/** From best to worst. `invalid`: the experiment did not take place as stated, so it says nothing. */
export const VERDICTS = ['pass', 'inconclusive', 'invalid', 'fail'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Nothing was learned of the cluster: asked again, the answer may be another. */
export function saysNothing(verdict: Verdict | undefined): boolean {
  return verdict === 'inconclusive' || verdict === 'invalid';
}

/** Whether the cluster was restored, which is told apart from the verdict and never changes it. */
export type Cleanliness = 'clean' | 'dirty' | 'unknown';

/** The worst of them; nothing at all is `invalid`. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.reduce<Verdict | undefined>(
      (worst, next) =>
        worst === undefined || VERDICTS.indexOf(next) > VERDICTS.indexOf(worst) ? next : worst,
      undefined,
    ) ?? 'invalid'
  );
}

export function worstCleanliness(states: readonly Cleanliness[]): Cleanliness {
  if (states.length === 0) return 'unknown';
  if (states.includes('dirty')) return 'dirty';
  return states.includes('unknown') ? 'unknown' : 'clean';
}

export function exitCodeOf(verdict: Verdict): ExitCode {
  if (verdict === 'pass') return EXIT_CODES.pass;
  return verdict === 'fail' ? EXIT_CODES.fail : EXIT_CODES.inconclusive;
}

/** A duration known only to lie between two bounds, because both ends were seen by sampling. */
export interface Bounds {
  readonly lowerMs: number;
  readonly upperMs: number;
}

/** A limit is broken only if the lower bound exceeds it, and kept only if the upper bound does not. */
export function judgeAtMost(measured: Bounds, limitMs: number): Verdict {
  if (measured.lowerMs > limitMs) return 'fail';
  return measured.upperMs <= limitMs ? 'pass' : 'inconclusive';
}
