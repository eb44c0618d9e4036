// The import rules bite: each is shown a small tree that breaks it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPCRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Cruises a tree of these files under our rules. @returns what dependency-cruiser said */
function cruise(files: Readonly<Record<string, string>>): {
  readonly exitCode: number | null;
  readonly output: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-boundaries-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(ROOT, '.dependency-cruiser.cjs'), join(folder, '.dependency-cruiser.cjs'));
  const all = { 'tsconfig.json': '{}', 'harness/core/b.ts': 'export const b = 1;\n', ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const command = [DEPCRUISE, '--config', '.dependency-cruiser.cjs', 'harness', 'scenarios'];
  mkdirSync(join(folder, 'scenarios'), { recursive: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  return { exitCode: status, output: `${stdout}${stderr}` };
}

test('a tree that keeps the rules passes', () => {
  const { exitCode, output } = cruise({
    'harness/hosts/a.ts': "import { b } from '../core/b.ts';\nexport const a = b;\n",
  });
  expect(output).toContain('no dependency violations found');
  expect(exitCode).toBe(0);
});

test.each([
  ['core-imports-only-core', { 'harness/core/a.ts': "import '../hosts/c.ts';\n", 'harness/hosts/c.ts': '' }],
  [
    'reporters-imports-only-reporters-core',
    { 'harness/reporters/a.ts': "import '../hosts/c.ts';\n", 'harness/hosts/c.ts': '' },
  ],
  ['checks-is-pure', { 'harness/checks/a.ts': "import 'node:fs';\n" }],
  ['scenarios-import-only-the-index', { 'scenarios/a.ts': "import '../harness/core/b.ts';\n" }],
  ['no-cycles', { 'harness/core/a.ts': "import './c.ts';\n", 'harness/core/c.ts': "import './a.ts';\n" }],
])('%s is told when it is broken', (rule, files) => {
  const { exitCode, output } = cruise(files);
  expect(output).toContain(`error ${rule}`);
  expect(exitCode).not.toBe(0);
});
