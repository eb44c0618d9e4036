// As much of HTTP/1.1 (RFC 9112) as an answer to a GET needs. node:http would cost the prober half as much CPU again.

export interface Response {
  readonly status: number;
  /** The server will not take another request on this connection. */
  readonly closes: boolean;
}

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';

/**
 * @param text what has come so far, as latin1
 * @param ended the peer has closed, so that no more will come
 * @returns undefined while the response is incomplete
 * @throws Error when this is no HTTP/1 response
 */
export function readResponse(text: string, ended: boolean): Response | undefined {
  const headLength = text.indexOf(HEAD_END);
  if (headLength === -1) return undefined;
  const head = text.slice(0, headLength);
  const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})/.exec(head) ?? [];
  if (status === undefined) throw new Error(`no HTTP/1 response: ${head.slice(0, 40)}`);

  const bodyStart = headLength + HEAD_END.length;
  const contentLength = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  let complete: boolean;
  let closes = minor === '0' || /\r\nconnection: *close/i.test(head);
  if (status === '204' || status === '304') complete = true;
  else if (/\r\ntransfer-encoding:.*chunked/i.test(head)) complete = chunksAreComplete(text, bodyStart);
  else if (contentLength !== undefined) complete = text.length - bodyStart >= Number(contentLength);
  else {
    // Neither length nor chunks: the body ends with the connection.
    complete = ended;
    closes = true;
  }
  return complete ? { status: Number(status), closes } : undefined;
}

function chunksAreComplete(text: string, bodyStart: number): boolean {
  let position = bodyStart;
  for (;;) {
    const lineEnd = text.indexOf(LINE_END, position);
    if (lineEnd === -1) return false;
    const size = Number.parseInt(text.slice(position, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('no chunk size where one was due');
    // After the last chunk come trailers, if any, and an empty line.
    if (size === 0) return text.indexOf(HEAD_END, lineEnd) !== -1;
    position = lineEnd + LINE_END.length + size + LINE_END.length;
  }
}
