// The program vagrant, in a folder of the lab's own: whatever becomes of this checkout, the lab can be removed.
import { hasProgram, runLocal } from '../../hosts/local.ts';

export interface VagrantRun {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/**
 * @param folder holds a Vagrantfile and its plan
 * @returns what it says on standard output
 */
export async function vagrant(folder: string, argv: readonly string[], run: VagrantRun): Promise<string> {
  const { timeoutMs, signal, onLine } = run;
  const { stdout } = await runLocal(['vagrant', ...argv], {
    timeoutMs,
    ...(signal && { signal }),
    ...(onLine && { onLine: (line: string) => readableLines(line).forEach(onLine) }),
    env: {
      VAGRANT_CWD: folder,
      VAGRANT_DOTFILE_PATH: `${folder}/.vagrant`,
      VAGRANT_VAGRANTFILE: 'Vagrantfile',
      VAGRANT_NO_COLOR: '1',
      // It would ask its makers for a newer version.
      VAGRANT_CHECKPOINT_DISABLE: '1',
    },
  });
  return stdout;
}

/** Vagrant writes "Progress: 42%" over itself, with a terminal's codes even where there is none. */
export function readableLines(line: string): readonly string[] {
  return line
    .split('\r')
    .map((part) => part.replaceAll(/\u001B\[\d*[A-Za-z]/g, '').trim())
    .filter((part) => part !== '' && !part.startsWith('Progress: '));
}

export interface VagrantProgram {
  /** "Vagrant 2.3.4" */
  readonly version: string;
  readonly plugins: readonly string[];
}

/** Undefined where there is none. */
export async function findVagrant(): Promise<VagrantProgram | undefined> {
  if (!(await hasProgram('vagrant'))) return undefined;
  const options = { timeoutMs: 60_000, env: { VAGRANT_CHECKPOINT_DISABLE: '1' } };
  const [version, plugins] = await Promise.all([
    runLocal(['vagrant', '--version'], options),
    runLocal(['vagrant', 'plugin', 'list'], options),
  ]);
  return { version: version.stdout.trim(), plugins: parsePlugins(plugins.stdout) };
}

/** "vagrant-libvirt (0.11.2, system)" */
export function parsePlugins(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^(\S+) \(/.exec(line)?.[1] ?? []);
}
