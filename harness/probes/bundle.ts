// A program that runs on a host of the lab as one file of JavaScript: there is nothing but Node.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { HoldfastError } from '../core/errors.ts';

export function bundleProber(): Promise<string> {
  return bundleProgram(new URL('./prober/main.ts', import.meta.url));
}

/**
 * @param entry the program's main file
 * @returns an ES module's source text; runs on Node ≥ 18
 */
export async function bundleProgram(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    logLevel: 'silent',
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new HoldfastError(`esbuild made no output of ${entry.pathname}`);
  return bundle.text;
}
