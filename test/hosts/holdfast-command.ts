// The holdfast command as a person starts it, with a state folder of its own, so that labs of whoever works on this machine
// are left alone.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast.mjs', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when its standard error has these words, rejects when it ends without them. */
  readonly said: (words: string) => Promise<void>;
}

export function startHoldfast(stateFolder: string, ...words: readonly string[]): Started {
  const env = { ...process.env, HOLDFAST_STATE_DIR: stateFolder };
  const child = spawn(process.execPath, [HOLDFAST, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => (texts[name] += chunk));
  }
  const ended = once(child, 'close').then(([exitCode]) => ({
    exitCode: exitCode as number | null,
    ...texts,
  }));
  const said = (words: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (texts.stderr.includes(words)) resolve();
      };
      child.stderr.on('data', look);
      look();
      void ended.then(({ stderr }) => reject(new Error(`it ended without "${words}":\n${stderr}`)));
    });
  return { child, ended, said };
}
