// The page's program and style, as one text each.
import { fileURLToPath } from 'node:url';
import { HoldfastError } from './core/errors.ts';
import type { PageAssets } from './reporters/reporter.ts';

const ENTRY = new URL('./page/main.ts', import.meta.url);

export async function pageAssets(): Promise<PageAssets> {
  // Loaded when it is needed: most commands write no page.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(ENTRY)],
    bundle: true,
    minify: true,
    write: false,
    outdir: 'page',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
  });
  const [script, style] = ['.js', '.css'].map(
    (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text,
  );
  if (script === undefined || style === undefined)
    throw new HoldfastError('esbuild made no page of harness/page/main.ts');
  return { script, style };
}
