// The reader of rpms: real ones made by rpmbuild, ones written by their format, and whatever is left of them when they are harmed.
import fc from 'fast-check';
import { createReadStream, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BundleRefusal } from './refusal.ts';
import { readRpm } from './rpm.ts';
import { writeRpm } from './testing/rpm-writer.ts';
import { inPieces } from './testing/streams.ts';

const REAL = new URL('../../../fixtures/rpms/', import.meta.url);
const real = readFileSync(new URL('holdfast-tiny-1.2-3.el7.noarch.rpm', REAL));
const written = { name: 'kubelet', version: '1.4.1', release: '0', architecture: 'x86_64' };

test('packages that rpmbuild made are read', async () => {
  expect(
    await readRpm(createReadStream(new URL('holdfast-epoch-1.2-3.el7.x86_64.rpm', REAL)), 'epoch.rpm'),
  ).toEqual({
    name: 'holdfast-epoch',
    version: '1.2',
    release: '3.el7',
    architecture: 'x86_64',
    epoch: 7,
  });
  expect(await readRpm(inPieces(real, 7), 'tiny.rpm')).toMatchObject({
    name: 'holdfast-tiny',
    architecture: 'noarch',
  });
});

test('a package written by the format is read as it was written', async () => {
  expect(await readRpm(inPieces(writeRpm(written)), 'kubelet.rpm')).toEqual(written);
});

test.each([
  [
    'nothing',
    Buffer.alloc(0),
    /^kubelet.rpm: the file is empty; expected an rpm, which begins with edabeedb$/,
  ],
  ['another file', Buffer.from('#!/bin/sh\n'), /^kubelet.rpm: it begins with 23212f62; expected an rpm/],
  [
    'one cut short in its signature',
    real.subarray(0, 300),
    /the file ends in its signature; expected a whole rpm/,
  ],
  [
    'one cut short in its header',
    real.subarray(0, headerAt(real) + 99),
    /the file ends in its header; expected a whole/,
  ],
  ['one cut short in its payload', real.subarray(0, -5), /ends in its payload: \d+ of \d+ bytes are there/],
])('%s is refused by name', async (_, bytes, message) => {
  const refusal = await readRpm(inPieces(bytes), 'kubelet.rpm').catch((thrown: unknown) => thrown);
  expect(refusal).toBeInstanceOf(BundleRefusal);
  expect((refusal as BundleRefusal).message).toMatch(message);
  expect(refusal).toMatchObject({ exitCode: 3, hint: expect.stringContaining('again') as string });
});

test('more bytes than the signature says are refused', async () => {
  const longer = Buffer.concat([writeRpm(written), Buffer.from('more')]);
  await expect(readRpm(inPieces(longer), 'kubelet.rpm')).rejects.toThrow(
    /the rpm is damaged: \d+ bytes follow/,
  );
});

const anyRpm = fc.constantFrom(real, writeRpm(written));

test('no rpm that is cut short anywhere is accepted', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRpm,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (rpm, share) => {
        const cut = rpm.subarray(0, Math.floor(rpm.length * share));
        await expect(readRpm(inPieces(cut), 'cut.rpm')).rejects.toBeInstanceOf(BundleRefusal);
      },
    ),
    { numRuns: 300 },
  );
});

/** The lead is kept for old programs, and the signature's own layout guards itself by nothing: rpm looks at neither. */
function isUnguarded(rpm: Buffer, at: number): boolean {
  return at >= 4 && at < headerAt(rpm);
}

function headerAt(rpm: Buffer): number {
  const signatureBytes = 16 + rpm.readUInt32BE(96 + 8) * 16 + rpm.readUInt32BE(96 + 12);
  return 96 + signatureBytes + ((8 - (signatureBytes % 8)) % 8);
}

test('no rpm of which one byte of header or payload is another is accepted', async () => {
  await fc.assert(
    fc.asyncProperty(anyRpm, fc.nat(), fc.integer({ min: 1, max: 255 }), async (rpm, place, change) => {
      const at = place % rpm.length;
      const harmed = Buffer.from(rpm);
      harmed[at] = (harmed[at] ?? 0) ^ change;
      const outcome = await readRpm(inPieces(harmed), 'harmed.rpm').catch((thrown: unknown) => thrown);
      if (isUnguarded(rpm, at))
        expect(outcome instanceof BundleRefusal || 'name' in (outcome as object)).toBe(true);
      else expect(outcome).toBeInstanceOf(BundleRefusal);
      expect(outcome).not.toBeInstanceOf(TypeError);
      expect(outcome).not.toBeInstanceOf(RangeError);
    }),
    { numRuns: 500 },
  );
});

test('whatever follows the magic, it is refused with one error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
      const begun = Buffer.concat([
        Buffer.from('edabeedb', 'hex'),
        Buffer.alloc(92),
        Buffer.from('8eade801', 'hex'),
        bytes,
      ]);
      await expect(readRpm(inPieces(begun), 'any.rpm')).rejects.toBeInstanceOf(BundleRefusal);
    }),
    { numRuns: 500 },
  );
});
