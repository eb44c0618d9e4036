// Numbers from a seed: the same seed, the same numbers.

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for a part of a run: other parts draw other numbers, and adding one does not change theirs. */
export function seedFor(seed: number, part: string): number {
  // FNV-1a, 32 bit.
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const byte of Buffer.from(part)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
