// Writes rpms by their format, for tests: any name and version, whole, and as large as a few hundred bytes.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface RpmToWrite {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly architecture: string;
}

const INT16 = 3;
const INT32 = 4;
const STRING = 6;
const BIN = 7;
const I18N = 9;
/** The last entry of an archive of cpio's "newc" kind, which is all that the payload has. */
const EMPTY_CPIO = [
  '070701',
  '0'.repeat(8 * 4),
  '00000001',
  '0'.repeat(8 * 6),
  '0000000b',
  '0'.repeat(8),
  'TRAILER!!!\0\0\0\0',
].join('');

interface Value {
  readonly tag: number;
  readonly type: number;
  readonly data: Buffer;
  readonly count: number;
}

function text(tag: number, value: string, type = STRING): Value {
  return { tag, type, data: Buffer.from(`${value}\0`), count: 1 };
}

function number(tag: number, value: number): Value {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return { tag, type: INT32, data, count: 1 };
}

function binary(tag: number, data: Buffer): Value {
  return { tag, type: BIN, data, count: data.length };
}

/** The immutable region: an entry that covers all others, whose 16 bytes at the end of the store say so too. */
function structure(region: number, values: readonly Value[]): Buffer {
  const store: Buffer[] = [];
  let offset = 0;
  const entries = values.map(({ tag, type, data, count }) => {
    const alignment = type === INT32 ? 4 : type === INT16 ? 2 : 1;
    const padding = (alignment - (offset % alignment)) % alignment;
    store.push(Buffer.alloc(padding), data);
    const entry = indexEntry(tag, type, offset + padding, count);
    offset += padding + data.length;
    return entry;
  });
  const trailer = indexEntry(region, BIN, -16 * (values.length + 1), 16);
  const index = [indexEntry(region, BIN, offset, 16), ...entries];
  const introduction = Buffer.from('8eade80100000000' + '0'.repeat(16), 'hex');
  introduction.writeUInt32BE(index.length, 8);
  introduction.writeUInt32BE(offset + 16, 12);
  return Buffer.concat([introduction, ...index, ...store, trailer]);
}

function indexEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const entry = Buffer.alloc(16);
  entry.writeInt32BE(tag, 0);
  entry.writeUInt32BE(type, 4);
  entry.writeInt32BE(offset, 8);
  entry.writeUInt32BE(count, 12);
  return entry;
}

export function writeRpm({ name, version, release, architecture }: RpmToWrite): Buffer {
  const header = structure(63, [
    text(1000, name),
    text(1001, version),
    text(1002, release),
    text(1004, 'written by a test', I18N),
    number(1009, 0),
    text(1014, 'MIT'),
    text(1021, 'linux'),
    text(1022, architecture),
    text(1124, 'cpio'),
    text(1125, 'gzip'),
    text(1126, '9'),
  ]);
  const payload = gzipSync(EMPTY_CPIO);
  const rest = Buffer.concat([header, payload]);
  const signature = structure(62, [
    text(269, createHash('sha1').update(header).digest('hex')),
    text(273, createHash('sha256').update(header).digest('hex')),
    number(1000, rest.length),
    binary(1004, createHash('md5').update(rest).digest()),
  ]);
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8);
  return Buffer.concat([lead(`${name}-${version}-${release}`), signature, padding, rest]);
}

function lead(name: string): Buffer {
  const bytes = Buffer.alloc(96);
  bytes.write('edabeedb0300', 'hex');
  bytes.writeUInt16BE(1, 8);
  bytes.write(name.slice(0, 65), 10);
  bytes.writeUInt16BE(1, 76);
  bytes.writeUInt16BE(5, 78);
  return bytes;
}
