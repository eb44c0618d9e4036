// The bytes of an archive, unpacked where they are gzip: by content, since an image's .tar is sometimes compressed.
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { asError } from '../../core/errors.ts';
import { ByteReader, watched, type Bytes } from './byte-reader.ts';
import { EXPANSION } from './limits.ts';
import { BundleRefusal, COPY_AGAIN } from './refusal.ts';

export async function* unpacked(source: Bytes, where: string): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  const start = await reader.take(2);
  if (start.length === 0) {
    throw new BundleRefusal({ where, found: 'the file is empty', expected: 'an archive', todo: COPY_AGAIN });
  }
  const all = afterStart(start, reader);
  yield* start[0] === 0x1f && start[1] === 0x8b ? gunzipped(all, where) : all;
}

async function* afterStart(start: Buffer, reader: ByteReader): AsyncGenerator<Uint8Array> {
  yield start;
  yield* reader.rest();
}

async function* gunzipped(source: Bytes, where: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let bytesIn = 0;
  let bytesOut = 0;
  const feeding = pipeline(
    watched(source, (chunk) => (bytesIn += chunk.byteLength)),
    gunzip,
  );
  // What goes wrong in it ends the loop below too.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytesOut += chunk.byteLength;
      if (bytesOut > EXPANSION.fromBytes && bytesOut > bytesIn * EXPANSION.factorMax)
        throw bomb(where, bytesIn);
      yield chunk;
    }
  } catch (thrown) {
    throw explained(asError(thrown), where);
  }
}

function explained(error: Error, where: string): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!code.startsWith('Z_')) return error;
  const isCutShort = code === 'Z_BUF_ERROR';
  return new BundleRefusal({
    where,
    found: isCutShort
      ? 'the compressed data end in the middle'
      : `the compressed data are damaged (${error.message})`,
    expected: isCutShort ? 'a whole gzip file: it was cut short' : 'a gzip file',
    todo: COPY_AGAIN,
    cause: error,
  });
}

function bomb(where: string, bytesIn: number): BundleRefusal {
  return new BundleRefusal({
    where,
    found: `${bytesIn} bytes unpack to more than ${EXPANSION.factorMax} times as much`,
    expected: 'an archive of programs, which shrinks to a tenth at best',
    todo: 'do not unpack it; get the file from a source that you trust',
  });
}
