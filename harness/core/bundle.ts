// A program of ours as one file of JavaScript: for hosts that have nothing but Node, and for what must outlive this checkout.
import { fileURLToPath } from 'node:url';
import { HoldfastError } from './errors.ts';

/**
 * @param entry the program's main file
 * @returns an ES module's source text; runs on Node ≥ 18
 */
export async function bundleProgram(entry: URL): Promise<string> {
  // Loaded when it is needed: most commands bundle nothing.
  const { build } = await import('esbuild');
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
