// Incremental reading of HTTP/1.1 answers.
import { describe, expect, it } from 'vitest';
import { bodyOf, readResponse, reasonIn } from './response.ts';

const answers = {
  length: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  chunks: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
  trailers: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nDigest: x\r\n\r\n',
  empty: 'HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n',
  noContent: 'HTTP/1.1 204 No Content\r\n\r\n',
};

describe('readResponse', () => {
  it.each(Object.entries(answers))(
    'takes an answer (%s) as complete at its last byte, no sooner',
    (_, text) => {
      for (let length = 0; length < text.length; length += 1) {
        expect(readResponse(text.slice(0, length), false)).toBeUndefined();
      }
      expect(readResponse(text, false)).toMatchObject({ closes: false });
    },
  );

  it('says which answers end their connection', () => {
    expect(readResponse('HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', false)).toEqual({
      status: 500,
      closes: true,
    });
    expect(readResponse('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false)?.closes).toBe(true);
  });

  it('reads a body without length or chunks until its connection ends', () => {
    expect(readResponse('HTTP/1.1 200 OK\r\n\r\nok', false)).toBeUndefined();
    expect(readResponse('HTTP/1.1 200 OK\r\n\r\nok', true)).toEqual({ status: 200, closes: true });
  });

  it('leaves a body incomplete whose connection ended before its length was reached', () => {
    expect(readResponse('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok', true)).toBeUndefined();
  });

  it('refuses what is no HTTP', () => {
    expect(() => readResponse('SSH-2.0-OpenSSH\r\n\r\n', false)).toThrow(
      'no HTTP/1 response: SSH-2.0-OpenSSH',
    );
  });
});

describe('bodyOf', () => {
  it.each([
    ['length', 'ok'],
    ['chunks', 'o0123456789'],
    ['trailers', 'ok'],
    ['empty', ''],
    ['noContent', ''],
  ] as const)('gives the whole body and nothing else (%s)', (answer, body) => {
    expect(bodyOf(answers[answer])).toBe(body);
  });

  it('reads bytes as UTF-8', () => {
    const bytes = Buffer.from('müde').toString('latin1');
    expect(bodyOf(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${bytes}`)).toBe('müde');
  });
});

describe('reasonIn', () => {
  it.each([
    ['[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed', '[-]etcd failed: reason withheld'],
    [
      '{"kind":"Status","message":"etcdserver: request timed out","code":500}',
      'etcdserver: request timed out',
    ],
    ['{"message": "configmaps \\"a\\" not found"}', 'configmaps \\"a\\" not found'],
    ['\n\nno such thing\nmore', 'no such thing'],
    ['', undefined],
  ])('finds in %j what went wrong', (body, reason) => {
    expect(reasonIn(body)).toBe(reason);
  });

  it('stays short', () => {
    expect(reasonIn('x'.repeat(5000))).toHaveLength(120);
  });
});
