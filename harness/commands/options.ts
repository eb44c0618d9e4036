// Values of flags that commander hands over as text.
import { InvalidArgumentError } from 'commander';
import { durationOf } from '../core/duration.ts';

/** @throws InvalidArgumentError, which commander turns into a usage error that names the flag */
export function integerFrom(lowest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < lowest) {
      throw new InvalidArgumentError(`expected a whole number from ${lowest} on.`);
    }
    return value;
  };
}

/**
 * "500ms", "30s", "2m", "1h" in milliseconds.
 * @param longest as one would say it
 * @throws InvalidArgumentError, which commander turns into a usage error that names the flag
 */
export function durationUpTo(longest: string): (text: string) => number {
  return (text) => {
    const durationMs = durationOf(text);
    if (durationMs === undefined || durationMs <= 0 || durationMs > (durationOf(longest) ?? Infinity)) {
      throw new InvalidArgumentError(`expected a duration such as 500ms, 30s or 2m, ${longest} at most.`);
    }
    return durationMs;
  };
}

export type NamedValues = Readonly<Record<string, string>>;

/** Collects `name=value` of a flag that may be repeated. @throws InvalidArgumentError */
export function collectNamed(text: string, before: NamedValues): NamedValues {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('expected name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
