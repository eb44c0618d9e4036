// What the image code asks of the Docker Engine, with its streams of JSON turned into promises.
import { httpStatusOf } from '../core/http-status.ts';
import type Docker from 'dockerode';
import { PassThrough } from 'node:stream';

/** Every image of ours has it; so has what a build leaves behind. */
export const LABEL = 'holdfast';
export const IMAGE_LABEL_VALUE = 'image';
/** Stages of a Dockerfile that are of no use once it is built (set in the Dockerfiles). */
export const STAGE_LABEL_VALUE = 'image-stage';
/** Containers that exist while an image is baked. */
export const BAKE_LABEL_VALUE = 'image-bake';
export const NAME_LABEL = 'holdfast.image';

export function imageLabels(name: string): Record<string, string> {
  return { [LABEL]: IMAGE_LABEL_VALUE, [NAME_LABEL]: name };
}

export function labelFilter(value: string): { label: string[] } {
  return { label: [`${LABEL}=${value}`] };
}

export async function imageExists(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).inspect();
    return true;
  } catch (thrown) {
    if (httpStatusOf(thrown) === 404) return false;
    throw thrown;
  }
}

interface EngineEvent {
  readonly stream?: string;
  readonly status?: string;
  readonly progress?: string;
  readonly id?: string;
  readonly error?: string;
}

/**
 * Reads the engine's answer to build, pull or import to its end. Rejects with the error that it names. The signal given
 * with the question hangs up, which makes the engine stop a build or a pull.
 */
export async function followEngine(
  answer: NodeJS.ReadableStream,
  onText: (text: string) => void,
): Promise<void> {
  answer.setEncoding('utf8');
  let rest = '';
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') tellEvent(JSON.parse(line) as EngineEvent, onText);
    }
  }
}

function tellEvent(event: EngineEvent, onText: (text: string) => void): void {
  if (event.error !== undefined) throw new Error(event.error);
  if (event.stream !== undefined) onText(event.stream);
  // A download repeats its progress bar many times a second: nothing to keep.
  if (event.status !== undefined && event.progress === undefined) {
    onText(`${event.id === undefined ? '' : `${event.id}: `}${event.status}\n`);
  }
}

/** Runs a command in a container with a stream as its input; rejects unless it ends with exit code 0. */
export async function execWithInput(
  docker: Docker,
  container: Docker.Container,
  command: readonly string[],
  input: NodeJS.ReadableStream,
  onText: (text: string) => void,
): Promise<void> {
  const exec = await container.exec({
    Cmd: [...command],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const connection = await exec.start({ hijack: true, stdin: true });
  const output = new PassThrough();
  output.on('data', (chunk: Buffer) => onText(chunk.toString()));
  docker.modem.demuxStream(connection, output, output);
  await new Promise<void>((resolve, reject) => {
    connection.once('end', resolve);
    connection.once('error', reject);
    input.once('error', (error: Error) => connection.destroy(error));
    input.pipe(connection);
  });
  const { ExitCode: exitCode } = await exec.inspect();
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with exit code ${exitCode ?? 'unknown'}`);
}
