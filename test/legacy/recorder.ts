// Hosts that write down what is run on them, past what the tests themselves do there.
import type {
  Host,
  HostStream,
  RunOptions,
  RunResult,
  StreamOptions,
  UploadOptions,
} from '../../harness/core/host.ts';
import type { Lab } from '../../harness/core/provider.ts';

export interface Recorded {
  /** The shell that was run, or "write <path>". */
  readonly deed: string;
  readonly exitCode: number | undefined;
}

/** Called when a command is over. */
type Afterwards = (host: string, deed: string) => Promise<void>;

export class RecordedHost implements Host {
  readonly log: Recorded[] = [];
  readonly #host: Host;
  readonly #afterwards: Afterwards;

  constructor(host: Host, afterwards: Afterwards) {
    this.#host = host;
    this.#afterwards = afterwards;
  }

  get name(): string {
    return this.#host.name;
  }

  get address(): string {
    return this.#host.address;
  }

  async run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    const entry = this.#begin(argv);
    const result = await this.#host.run(argv, options);
    entry.exitCode = result.exitCode;
    await this.#afterwards(this.name, entry.deed);
    return result;
  }

  async stream(argv: readonly string[], options?: StreamOptions): Promise<HostStream> {
    const entry = this.#begin(argv);
    const stream = await this.#host.stream(argv, options);
    const done = stream.done.then(async (end) => {
      entry.exitCode = end.exitCode;
      await this.#afterwards(this.name, entry.deed);
      return end;
    });
    return { ...stream, done };
  }

  async upload(path: string, content: string | Buffer, options?: UploadOptions): Promise<void> {
    this.log.push({ deed: `write ${path}`, exitCode: 0 });
    await this.#host.upload(path, content, options);
  }

  download(path: string): ReturnType<Host['download']> {
    return this.#host.download(path);
  }

  dial(address: string, port: number): ReturnType<Host['dial']> {
    return this.#host.dial(address, port);
  }

  #begin(argv: readonly string[]): { deed: string; exitCode: number | undefined } {
    const entry = { deed: deedOf(argv), exitCode: undefined };
    this.log.push(entry);
    return entry;
  }
}

/** What the harness wraps around a command of the plan is taken off. */
function deedOf(argv: readonly string[]): string {
  const [program, option, script = '', , ...rest] = argv;
  if (program === 'bash' && option === '-ec') return script.replace('exec 2>&1\n', '');
  if (program === 'bash' && option === '-c') return `unless ${script}`;
  if (script.startsWith('test "$(stat')) return `there? ${rest[0] ?? ''}`;
  if (script.includes('.part')) return `bring ${rest[0] ?? ''}`;
  return argv.join(' ');
}

export function recordedLab(lab: Lab, afterwards: Afterwards): { lab: Lab; hosts: readonly RecordedHost[] } {
  const hosts = lab.hosts.map((host) => new RecordedHost(host, afterwards));
  const host = (name: string): Host => hosts.find((one) => one.name === name) ?? lab.host(name);
  return { lab: { ...lab, hosts, host }, hosts };
}
