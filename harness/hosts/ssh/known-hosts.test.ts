import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, keyType, knownName, parseKnownHosts, standingOf } from './known-hosts.ts';

/** A key in wire format, of which only the type is looked at. */
function keyOf(type: string, rest: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + rest)]);
}

const KEY = keyOf('ssh-ed25519', 'one');
const OTHER = keyOf('ssh-ed25519', 'two');
const RSA = keyOf('ssh-rsa', 'three');
const line = (patterns: string, key = KEY): string =>
  `${patterns} ${keyType(key)} ${key.toString('base64')} comment`;
const known = (text: string, name = 'master1'): ReturnType<typeof parseKnownHosts> =>
  parseKnownHosts(text, name, 'file');

describe('known_hosts', () => {
  test.each([
    ['a name', 'master1'],
    ['one of several', 'elsewhere,master1,10.0.0.1'],
    ['a pattern', 'mast?r*'],
    ['a name in another case', 'MASTER1'],
  ])('knows a host by %s', (_what, patterns) => {
    expect(known(line(patterns))).toMatchObject([{ type: 'ssh-ed25519', where: 'file:1', revoked: false }]);
  });

  test.each([
    ['another name', 'master11'],
    ['a pattern that takes it out again', 'mast*,!master1'],
    ['a comment', '#master1'],
    ['a certificate authority', '@cert-authority *'],
  ])('does not know it by %s', (_what, patterns) => {
    expect(known(line(patterns))).toEqual([]);
  });

  test('knows a host by the hash of its name', () => {
    const salt = Buffer.from('salt of twenty bytes');
    const hash = createHmac('sha1', salt).update('[master1]:2222').digest('base64');
    const text = line(`|1|${salt.toString('base64')}|${hash}`);
    expect(known(text, knownName('master1', 2222))).toHaveLength(1);
    expect(known(text, knownName('master1', 22))).toEqual([]);
  });

  test('tells a known, an unknown, a changed and a revoked key apart', () => {
    const keys = known(`# mine\n${line('master1')}`);
    expect(standingOf(KEY, keys)).toEqual({ kind: 'known' });
    expect(standingOf(OTHER, keys)).toMatchObject({ kind: 'changed', known: { where: 'file:2' } });
    expect(standingOf(RSA, keys)).toEqual({ kind: 'unknown' });
    expect(standingOf(KEY, [])).toEqual({ kind: 'unknown' });
    const revoked = known(`${line('master1')}\n${line('@revoked master1')}`);
    expect(standingOf(KEY, revoked)).toMatchObject({ kind: 'revoked', known: { where: 'file:2' } });
  });

  test('writes a fingerprint as ssh-keygen does', () => {
    expect(fingerprintOf(KEY)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });
});
