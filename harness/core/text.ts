// How durations and counts are written for people, the same in checks and in every report.
import type { Measured } from './result.ts';

/** "3629 ms": whole milliseconds, for exact statements. */
export function ms(durationMs: number): string {
  return `${Math.round(durationMs)} ms`;
}

/** "340 ms", "3.63 s", "1 min 5 s": as one would say it. */
export function spoken(durationMs: number): string {
  if (durationMs < 999.5) return ms(durationMs);
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(durationMs < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "3400–3600 ms" for two bounds; "≥ 3400 ms" when nothing bounds it from above. */
export function bounds(lowerMs: number, upperMs: number | undefined): string {
  return upperMs === undefined ? `≥ ${ms(lowerMs)}` : `${Math.round(lowerMs)}–${ms(upperMs)}`;
}

/** A check's measure in words; "–" when nothing was measured. */
export function measure(measured: Measured | undefined): string {
  if (!measured) return '–';
  if (measured.lowerMs !== undefined) return bounds(measured.lowerMs, measured.upperMs);
  return measured.value === undefined ? '–' : `${measured.value} ${measured.unit}`;
}

/** "99.47 %". Rounded down, so that only a whole availability reads 100 %. */
export function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** Findings as sentences, the first three of them in full: more would say the same again. */
export function sentences(findings: readonly string[]): string {
  const more = findings.length - 3;
  return [...findings.slice(0, 3), ...(more > 0 ? [`And ${more} more of the kind`] : [])]
    .map((finding) => `${finding}.`)
    .join(' ');
}

/** "1 sample", "2 samples". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
