// Requests as a real server reads them.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { httpRequest, type RequestParts } from './request.ts';

/** What a server got of a request: method, path, some headers, body. */
async function receivedBy(
  parts: Omit<RequestParts, 'authority' | 'connection'>,
): Promise<readonly unknown[]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(httpRequest({ ...parts, authority: `127.0.0.1:${port}`, connection: 'close' }));
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const body = await text(request);
  response.end();
  const { host, connection, 'content-type': contentType } = request.headers;
  expect([host, connection]).toEqual([`127.0.0.1:${port}`, 'close']);
  return [request.method, request.url, contentType, body];
}

it('a question has no body', async () => {
  expect(await receivedBy({ method: 'GET', path: '/readyz?verbose' })).toEqual([
    'GET',
    '/readyz?verbose',
    undefined,
    '',
  ]);
});

it('a body is sent whole, whatever letters are in it', async () => {
  const body = JSON.stringify({ name: 'müde' });
  expect(await receivedBy({ method: 'POST', path: '/a', body })).toEqual([
    'POST',
    '/a',
    'application/json',
    body,
  ]);
  const more = { body: 'x', contentType: 'text/plain' };
  expect(await receivedBy({ method: 'DELETE', path: '/a', ...more })).toEqual([
    'DELETE',
    '/a',
    'text/plain',
    'x',
  ]);
});
