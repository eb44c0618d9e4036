// A shell whose programs are stand-ins that write down what they are asked: for what faults say in shell.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Workbench {
  readonly folder: string;
  /** Stands in for the host's program of that name; what it is asked is written down. */
  readonly program: (name: string, script: string) => void;
  readonly shell: (script: string) => {
    readonly status: number | null;
    readonly asked: readonly string[];
    readonly stdout: string;
  };
}

export function workbench(): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const asked = join(folder, 'asked');
  return {
    folder,
    program: (name, script) => {
      const text = `#!/bin/sh\necho "${name} $*" >> ${asked}\n${script}\n`;
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    },
    shell: (script) => {
      writeFileSync(asked, '');
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      const { status, stdout } = spawnSync('sh', ['-eu', '-c', script], { env, encoding: 'utf8' });
      return { status, stdout, asked: readFileSync(asked, 'utf8').split('\n').filter(Boolean) };
    },
  };
}
