// Durations as people type them.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** "500ms", "30s", "2m", "1h" in milliseconds; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return number === undefined || unitMs === undefined ? undefined : Number(number) * unitMs;
}
