import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { readLines } from './lines.ts';

async function linesOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks))) lines.push(line);
  return lines;
}

test('lines are the same wherever the bytes are cut, even within a letter', async () => {
  const text = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀', ' ') }).filter((line) => line !== ''),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (lines, chunkLength) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const chunks = Array.from({ length: Math.ceil(bytes.length / chunkLength) }, (_, index) =>
        bytes.subarray(index * chunkLength, (index + 1) * chunkLength),
      );
      expect(await linesOf(chunks)).toEqual(lines);
    }),
  );
});

test('an empty line is a line, and an unfinished last one too', async () => {
  expect(await linesOf([Buffer.from('a\n\nb')])).toEqual(['a', '', 'b']);
});
