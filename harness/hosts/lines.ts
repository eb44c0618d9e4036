// Bytes as lines of text, for every host whose commands are read while they run.

/** Lines without their newline, in order; an unfinished last line counts. Malformed UTF-8 becomes U+FFFD. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let unfinished = '';
  for await (const chunk of bytes) {
    const lines = (unfinished + decoder.decode(chunk, { stream: true })).split('\n');
    unfinished = lines.pop() ?? '';
    yield* lines;
  }
  unfinished += decoder.decode();
  if (unfinished !== '') yield unfinished;
}
