// A reader that has seen enough (`holdfast run | head`) is no error, and no reason to leave a cluster behind.

export function tolerateClosedPipe(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
