// Reads an rpm as its format has it (lead, signature, header, payload): what the package is, and that no byte of it is wrong.
//
// A number is big-endian. Both header structures are: 8e ad e8 01, four bytes reserved, count of index entries, bytes of store;
// then entries of (tag, type, offset, count); then the store. The signature's is padded to eight bytes.
import { createHash, type Hash } from 'node:crypto';
import { ByteReader, type Bytes } from './byte-reader.ts';
import { RPM_LIMITS } from './limits.ts';
import { BundleRefusal, COPY_AGAIN } from './refusal.ts';

export interface RpmPackage {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly architecture: string;
  readonly epoch?: number;
}

const LEAD_BYTES = 96;
const LEAD_MAGIC = Buffer.from('edabeedb', 'hex');
const HEADER_MAGIC = Buffer.from('8eade801', 'hex');
const INTRODUCTION_BYTES = 16;
const ENTRY_BYTES = 16;

const TYPE = { int32: 4, string: 6, bin: 7, stringArray: 8, i18nString: 9 } as const;
const TAG = { name: 1000, version: 1001, release: 1002, epoch: 1003, arch: 1022 } as const;
/** Of the signature: sizes and digests of what follows it. */
const SIGNATURE = { headerSha1: 269, headerSha256: 273, size: 1000, md5: 1004 } as const;

interface Header {
  /** Its bytes as they stand in the file, over which digests are made. */
  readonly raw: Buffer;
  readonly entries: ReadonlyMap<
    number,
    { readonly type: number; readonly offset: number; readonly count: number }
  >;
  readonly store: Buffer;
}

/** Reads all of it. @throws BundleRefusal for what is no rpm, is cut short or damaged */
export async function readRpm(source: Bytes, where: string): Promise<RpmPackage> {
  const reader = new ByteReader(source);
  const lead = await reader.take(LEAD_BYTES);
  if (!lead.subarray(0, LEAD_MAGIC.length).equals(LEAD_MAGIC)) throw notAnRpm(where, lead);
  if (lead.length < LEAD_BYTES) throw cutShort(where, 'its lead');
  const signature = await readHeader(reader, where, 'signature');
  await skipPadding(reader, where, signature.raw.length);
  const header = await readHeader(reader, where, 'header');
  verifyHeaderDigests(signature, header, where);
  await verifyPayload(signature, header, reader, where);
  return identityOf(header, where);
}

async function readHeader(reader: ByteReader, where: string, which: string): Promise<Header> {
  const introduction = await reader.take(INTRODUCTION_BYTES);
  if (introduction.length < INTRODUCTION_BYTES) throw cutShort(where, `its ${which}`);
  if (!introduction.subarray(0, HEADER_MAGIC.length).equals(HEADER_MAGIC)) {
    throw damaged(where, `its ${which} begins with ${introduction.toString('hex', 0, 4)}`, '8eade801');
  }
  const indexEntries = introduction.readUInt32BE(8);
  const storeBytes = introduction.readUInt32BE(12);
  if (indexEntries === 0 || indexEntries > RPM_LIMITS.indexEntries || storeBytes > RPM_LIMITS.storeBytes) {
    throw damaged(
      where,
      `its ${which} says ${indexEntries} entries and ${storeBytes} bytes`,
      `1 to ${RPM_LIMITS.indexEntries} entries and ${RPM_LIMITS.storeBytes} bytes at most`,
    );
  }
  const length = indexEntries * ENTRY_BYTES + storeBytes;
  const body = await reader.take(length);
  if (body.length < length) throw cutShort(where, `its ${which}`);
  const entries = new Map(
    Array.from({ length: indexEntries }, (_, index) => {
      const at = index * ENTRY_BYTES;
      return [
        body.readInt32BE(at),
        {
          type: body.readUInt32BE(at + 4),
          offset: body.readUInt32BE(at + 8),
          count: body.readUInt32BE(at + 12),
        },
      ] as const;
    }),
  );
  return {
    raw: Buffer.concat([introduction, body]),
    entries,
    store: body.subarray(indexEntries * ENTRY_BYTES),
  };
}

async function skipPadding(reader: ByteReader, where: string, length: number): Promise<void> {
  const padding = (8 - (length % 8)) % 8;
  if ((await reader.take(padding)).length < padding) throw cutShort(where, 'its signature');
}

function verifyHeaderDigests(signature: Header, header: Header, where: string): void {
  const claims = [
    ['sha256', textAt(signature, SIGNATURE.headerSha256, where)],
    ['sha1', textAt(signature, SIGNATURE.headerSha1, where)],
  ] as const;
  for (const [algorithm, claimed] of claims) {
    if (claimed === undefined) continue;
    const digest = createHash(algorithm).update(header.raw).digest('hex');
    if (digest !== claimed) throw damaged(where, `the ${algorithm} of its header is ${digest}`, claimed);
  }
}

/** Size and MD5 in the signature are those of header and payload together. */
async function verifyPayload(
  signature: Header,
  header: Header,
  reader: ByteReader,
  where: string,
): Promise<void> {
  const md5 = createHash('md5').update(header.raw);
  const payloadBytes = await hashRest(reader, md5);
  if (payloadBytes === 0) throw cutShort(where, 'its payload');
  const size = numberAt(signature, SIGNATURE.size, where);
  const found = header.raw.length + payloadBytes;
  if (size !== undefined && found < size)
    throw cutShort(where, `its payload: ${found} of ${size} bytes are there`);
  if (size !== undefined && found !== size)
    throw damaged(where, `${found} bytes follow its signature`, `${size}`);
  const claimed = binaryAt(signature, SIGNATURE.md5, where)?.toString('hex');
  const digest = md5.digest('hex');
  if (claimed !== undefined && digest !== claimed) throw damaged(where, `its MD5 is ${digest}`, claimed);
  if (size === undefined && claimed === undefined) {
    throw damaged(where, 'its signature has neither size nor digest of the payload', 'one of them');
  }
}

async function hashRest(reader: ByteReader, hash: Hash): Promise<number> {
  let bytes = 0;
  for await (const chunk of reader.rest()) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

function identityOf(header: Header, where: string): RpmPackage {
  const required = (tag: keyof typeof TAG): string => {
    const text = textAt(header, TAG[tag], where);
    if (text === undefined || !/^[\w.+~^-]{1,128}$/.test(text)) {
      throw damaged(where, `its header has no usable ${tag}`, 'letters, digits and ._+~^-');
    }
    return text;
  };
  const epoch = numberAt(header, TAG.epoch, where);
  return {
    name: required('name'),
    version: required('version'),
    release: required('release'),
    architecture: required('arch'),
    ...(epoch !== undefined && { epoch }),
  };
}

function textAt(header: Header, tag: number, where: string): string | undefined {
  const entry = header.entries.get(tag);
  if (!entry) return undefined;
  const isText =
    entry.type === TYPE.string || entry.type === TYPE.stringArray || entry.type === TYPE.i18nString;
  const end = isText && entry.offset < header.store.length ? header.store.indexOf(0, entry.offset) : -1;
  if (end < 0) throw outOfStore(where, tag);
  return header.store.toString('utf8', entry.offset, end);
}

function numberAt(header: Header, tag: number, where: string): number | undefined {
  const entry = header.entries.get(tag);
  if (!entry) return undefined;
  if (entry.type !== TYPE.int32 || entry.count < 1 || entry.offset + 4 > header.store.length) {
    throw outOfStore(where, tag);
  }
  return header.store.readUInt32BE(entry.offset);
}

function binaryAt(header: Header, tag: number, where: string): Buffer | undefined {
  const entry = header.entries.get(tag);
  if (!entry) return undefined;
  const end = entry.offset + entry.count;
  if (entry.type !== TYPE.bin || entry.count < 1 || end > header.store.length) throw outOfStore(where, tag);
  return header.store.subarray(entry.offset, end);
}

function outOfStore(where: string, tag: number): BundleRefusal {
  return damaged(where, `tag ${tag} has a wrong type or points out of the header`, 'a value inside it');
}

function notAnRpm(where: string, lead: Buffer): BundleRefusal {
  const found = lead.length === 0 ? 'the file is empty' : `it begins with ${lead.toString('hex', 0, 4)}`;
  return new BundleRefusal({
    where,
    found,
    expected: 'an rpm, which begins with edabeedb',
    todo: COPY_AGAIN,
  });
}

function cutShort(where: string, what: string): BundleRefusal {
  return new BundleRefusal({
    where,
    found: `the file ends in ${what}`,
    expected: 'a whole rpm: it was cut short',
    todo: COPY_AGAIN,
  });
}

function damaged(where: string, found: string, expected: string): BundleRefusal {
  return new BundleRefusal({ where, found: `the rpm is damaged: ${found}`, expected, todo: COPY_AGAIN });
}
