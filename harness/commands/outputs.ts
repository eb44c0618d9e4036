// Standard output and standard error, whose readers may be gone, or slower than their writer.

/** A reader that has seen enough (`holdfast run | head`) is no error, and no reason to leave a cluster behind. */
export function tolerateClosedPipe(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Resolves when the reader has taken all, or is gone: what a pipe has not taken yet ends with the process. */
export async function taken(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
