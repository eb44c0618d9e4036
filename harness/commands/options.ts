// Values of flags that commander hands over as text.
import { InvalidArgumentError } from 'commander';

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
