// What known_hosts files say of a host's key (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

export interface KnownKey {
  /** "ssh-ed25519" */
  readonly type: string;
  readonly base64: string;
  readonly revoked: boolean;
  /** "~/.ssh/known_hosts:12" */
  readonly where: string;
}

/** How a key that a server presents compares with what is known of it. */
export type KeyStanding =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: KnownKey }
  | { readonly kind: 'revoked'; readonly known: KnownKey };

/** All keys that the files hold for a host. @param name as `knownName` writes it */
export function knownKeys(files: readonly string[], name: string): readonly KnownKey[] {
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => parseKnownHosts(readFileSync(file, 'utf8'), name, file));
}

/** Certificate authorities are left aside: ssh2 does not negotiate host certificates. */
export function parseKnownHosts(text: string, name: string, file: string): readonly KnownKey[] {
  return text.split('\n').flatMap((line, index): KnownKey[] => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [patterns, type, base64] = words;
    if (patterns === undefined || patterns.startsWith('#') || type === undefined || base64 === undefined)
      return [];
    if (marker === '@cert-authority' || !names(patterns, name)) return [];
    return [{ type, base64, revoked: marker === '@revoked', where: `${file}:${index + 1}` }];
  });
}

/** A key of another type than those that are known is a new key, not a changed one: so does ssh(1) see it. */
export function standingOf(key: Buffer, known: readonly KnownKey[]): KeyStanding {
  const base64 = key.toString('base64');
  const same = known.filter((one) => one.base64 === base64);
  const revoked = same.find((one) => one.revoked);
  if (revoked) return { kind: 'revoked', known: revoked };
  if (same.length > 0) return { kind: 'known' };
  const other = known.find((one) => one.type === keyType(key) && !one.revoked);
  return other ? { kind: 'changed', known: other } : { kind: 'unknown' };
}

/** The type that a key in wire format names first (RFC 4253, section 6.6). */
export function keyType(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('ascii');
}

/** As ssh-keygen -l prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** A port of its own is part of the name. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

function names(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) return isHashOf(patterns, name);
  let found = false;
  for (const pattern of patterns.split(',')) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** "|1|<salt>|<HMAC-SHA1 of the name>" */
function isHashOf(hashed: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hashed.split('|');
  const expected = Buffer.from(hash, 'base64');
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === own.length && timingSafeEqual(expected, own);
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(name);
}
