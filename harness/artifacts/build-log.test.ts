// What a build says reaches the file whole, and the watcher and the error in readable pieces.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BuildLog } from './build-log.ts';
import { ImageBuildError } from './image-build-error.ts';

async function openLog(onLine: (line: string) => void = () => undefined): Promise<BuildLog> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
  const log = new BuildLog(join(folder, 'image-host.log'), onLine);
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  return log;
}

test('lines are told whole, though they come in pieces, without colours and empty ones', async () => {
  const seen: string[] = [];
  const log = await openLog((line) => seen.push(line));
  log.write('Step 1/2 : FROM ba');
  log.write('se\n\n\u001b[91mwarning\u001b[0m\nlast');
  expect(seen).toEqual(['Step 1/2 : FROM base', 'warning']);
  await log.close();
  expect(seen.at(-1)).toBe('last');
  expect(await readFile(log.file, 'utf8')).toBe('Step 1/2 : FROM base\n\nwarning\nlast\n');
});

test('the error names image, step, cause, the last lines and the file, however long ago the step was', async () => {
  const log = await openLog();
  log.write('Step 1/3 : FROM base\nStep 2/3 : RUN make\n');
  for (let line = 1; line <= 100; line += 1) log.write(`line ${line}\n`);
  const error = new ImageBuildError('kubernetes', log, new Error('exit code 2'));
  expect(error.message).toContain(
    'image kubernetes could not be made, at "Step 2/3 : RUN make": exit code 2',
  );
  expect(error.message).toContain('line 100');
  expect(error.message).not.toContain('line 80\n');
  expect(error.message).toContain(`full log: ${log.file}`);
  expect(error.exitCode).toBe(4);
});
