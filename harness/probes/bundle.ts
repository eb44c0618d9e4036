// The prober as one file of JavaScript, for an observer that has nothing but Node.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { HoldfastError } from '../core/errors.ts';

/** @returns an ES module's source text; runs on Node ≥ 18 */
export async function bundleProber(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./prober/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    logLevel: 'silent',
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new HoldfastError('esbuild made no output of harness/probes/prober/main.ts');
  return bundle.text;
}
