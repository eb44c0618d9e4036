// The text of an HTTP/1.1 request (RFC 9112).

export interface RequestParts {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** Host and port, as in a URL. */
  readonly authority: string;
  readonly connection: 'close' | 'keep-alive';
  readonly body?: string;
  /** Default, where there is a body: application/json. */
  readonly contentType?: string;
}

export function httpRequest(parts: RequestParts): string {
  const { method, path, authority, connection, body, contentType = 'application/json' } = parts;
  const start = `${method} ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: holdfast\r\nConnection: ${connection}\r\n`;
  if (body === undefined) return `${start}\r\n`;
  return `${start}Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
