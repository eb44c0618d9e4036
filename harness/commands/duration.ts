// Durations as people read them: 0.4 s, 12.3 s, 6 min 17 s.

export function formatDuration(durationMs: number): string {
  const totalS = durationMs / 1000;
  if (totalS < 59.95) return `${totalS.toFixed(1)} s`;
  const wholeS = Math.round(totalS);
  return `${Math.floor(wholeS / 60)} min ${String(wholeS % 60).padStart(2, '0')} s`;
}

/** The first line of the error: progress is no place for whole outputs, which follow when the command ends. */
export function failureText(durationMs: number, error: Error): string {
  return `failed after ${formatDuration(durationMs)}: ${error.message.split('\n', 1)[0] ?? ''}`;
}
