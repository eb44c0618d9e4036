// What every Host promises, whatever carries its commands. Run over each implementation.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandError } from '../../harness/core/errors.ts';
import type { Host } from '../../harness/core/host.ts';

export interface HostUnderTest {
  readonly host: Host;
  /** Where it may write; default /run. */
  readonly folder?: string;
  dispose(): Promise<void>;
}

/** The commands of the contract; a fake scripts its answers to exactly these. */
export const CONTRACT_COMMANDS = {
  bothOutputs: ['sh', '-c', 'echo out; echo err >&2'],
  fails: ['sh', '-c', 'echo half; echo broken >&2; exit 3'],
  echoesStdin: ['cat'],
  hangs: ['sleep', '600'],
  threeLines: ['printf', 'one\\ntwo\\nthree'],
} as const;

async function failureOf(work: Promise<unknown>): Promise<CommandError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof CommandError)) throw new Error(`expected a CommandError`, { cause: thrown });
  return thrown;
}

/** Declares the contract's tests in the current suite. */
export function hostContract(makeHost: () => Promise<HostUnderTest>): void {
  let under: HostUnderTest;
  beforeAll(async () => {
    under = await makeHost();
  });
  afterAll(async () => {
    await under.dispose();
  });
  declareRunTests(() => under.host);
  declareStreamTests(() => under.host);
  declareFileTests(
    () => under.host,
    () => `${under.folder ?? '/run'}/holdfast-contract`,
  );
}

function declareRunTests(host: () => Host): void {
  test('a command gives its exit code and both outputs apart', async () => {
    const result = await host().run(CONTRACT_COMMANDS.bothOutputs);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  test('a failing command throws with host, exit code, both outputs and a pasteable line', async () => {
    const { failure, message } = await failureOf(host().run(CONTRACT_COMMANDS.fails));
    expect(failure).toMatchObject({ host: host().name, exitCode: 3, stdout: 'half\n', stderr: 'broken\n' });
    expect(failure.commandLine).toContain('echo half; echo broken >&2; exit 3');
    expect(message).toContain('exit code 3');
  });

  test('an exit code that was declared an answer does not throw', async () => {
    const result = await host().run(CONTRACT_COMMANDS.fails, { acceptExitCodes: [0, 3] });
    expect(result.exitCode).toBe(3);
  });

  test('standard input reaches the command to its last byte', async () => {
    const stdin = 'zeile äöü\n'.repeat(20_000);
    const result = await host().run(CONTRACT_COMMANDS.echoesStdin, { stdin });
    expect(result.stdout).toBe(stdin);
  });

  test('a command that reaches its limit throws and says the limit', async () => {
    const { failure } = await failureOf(host().run(CONTRACT_COMMANDS.hangs, { timeoutMs: 300 }));
    expect(failure.exitCode).toBeUndefined();
    expect(failure.reason).toContain('no end within 300 ms');
  });

  test('an aborted command throws and says so', async () => {
    const { failure } = await failureOf(
      host().run(CONTRACT_COMMANDS.hangs, { signal: AbortSignal.timeout(300) }),
    );
    expect(failure.reason).toContain('aborted');
  });
}

function declareStreamTests(host: () => Host): void {
  test('a stream gives its lines in order, the unfinished last one too, and ends with the exit code', async () => {
    const stream = await host().stream(CONTRACT_COMMANDS.threeLines);
    const lines: string[] = [];
    for await (const line of stream.lines) lines.push(line);
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(await stream.done).toMatchObject({ exitCode: 0 });
  });

  test('what is written to a stream reaches its command at once', async () => {
    const stream = await host().stream(CONTRACT_COMMANDS.echoesStdin);
    const lines = stream.lines[Symbol.asyncIterator]();
    stream.write('first\n');
    expect(await lines.next()).toEqual({ done: false, value: 'first' });
    stream.write('second\n');
    expect(await lines.next()).toEqual({ done: false, value: 'second' });
    await stream.close();
  });

  test('a closed stream ends with a reason and no exit code, and may be closed again', async () => {
    const stream = await host().stream(CONTRACT_COMMANDS.hangs);
    await stream.close();
    await stream.close();
    expect(await stream.done).toMatchObject({ exitCode: undefined, reason: 'closed' });
  });
}

function declareFileTests(host: () => Host, folder: () => string): void {
  test('an uploaded file comes back byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
    await host().upload(`${folder()}/deep/file.bin`, content, { mode: 0o600 });
    expect((await host().download(`${folder()}/deep/file.bin`)).equals(content)).toBe(true);
  });

  test('a download of a file that is not there names the file', async () => {
    const { message } = await failureOf(host().download(`${folder()}/none`));
    expect(message).toContain(`${folder()}/none`);
  });
}
