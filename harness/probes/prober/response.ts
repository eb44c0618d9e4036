// As much of HTTP/1.1 (RFC 9112) as an answer to one request needs. node:http would cost the prober half as much CPU again.

export interface Response {
  readonly status: number;
  /** The server will not take another request on this connection. */
  readonly closes: boolean;
}

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';
const CHUNKED = /\r\ntransfer-encoding:.*chunked/i;

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
  else if (CHUNKED.test(head)) complete = chunksOf(text, bodyStart) !== undefined;
  else if (contentLength !== undefined) complete = text.length - bodyStart >= Number(contentLength);
  else {
    // Neither length nor chunks: the body ends with the connection.
    complete = ended;
    closes = true;
  }
  return complete ? { status: Number(status), closes } : undefined;
}

/**
 * The body of a complete response, decoded.
 * @param text as latin1
 */
export function bodyOf(text: string): string {
  const headLength = text.indexOf(HEAD_END);
  const bodyStart = headLength + HEAD_END.length;
  const isChunked = CHUNKED.test(text.slice(0, headLength));
  const bytes = isChunked ? (chunksOf(text, bodyStart) ?? []).join('') : text.slice(bodyStart);
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** undefined while the last chunk is missing. */
function chunksOf(text: string, bodyStart: number): readonly string[] | undefined {
  const chunks: string[] = [];
  let position = bodyStart;
  for (;;) {
    const lineEnd = text.indexOf(LINE_END, position);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(position, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('no chunk size where one was due');
    // After the last chunk come trailers, if any, and an empty line.
    if (size === 0) return text.includes(HEAD_END, lineEnd) ? chunks : undefined;
    const start = lineEnd + LINE_END.length;
    chunks.push(text.slice(start, start + size));
    position = start + size + LINE_END.length;
  }
}

/** What an answer that is no 2xx says of the reason, in one line; undefined when it says nothing. */
export function reasonIn(body: string): string | undefined {
  // A health endpoint lists its checks, the failed ones with a minus; the API answers with a Status object.
  const failedCheck = /^\[-\].*$/m.exec(body)?.[0];
  const message = /"message": ?"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  const reason = failedCheck ?? message ?? /\S.*/.exec(body)?.[0];
  return reason?.slice(0, 120);
}
