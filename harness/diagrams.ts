// A run's Mermaid diagrams as pictures, where mermaid-cli and a chromium are there. Neither comes with holdfast: together they are
// half a gigabyte.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from './core/errors.ts';
import { runLocal } from './hosts/local.ts';

const LOCAL_BIN = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
export const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome'];
const PICTURE_TIMEOUT_MS = 60_000;

/**
 * Draws every .mmd of a run's diagrams beside it.
 * @param format svg or png
 * @returns paths
 * @throws EnvironmentError when mermaid-cli or a browser is missing
 */
export async function drawDiagrams(runFolder: string, format: 'svg' | 'png'): Promise<readonly string[]> {
  const mmdc = findProgram(
    ['mmdc'],
    'mermaid-cli',
    'npm install --no-save @mermaid-js/mermaid-cli, with PUPPETEER_SKIP_DOWNLOAD=1',
  );
  const executablePath = findProgram(CHROMIUMS, 'chromium', 'as root: apt-get install chromium');
  const folder = join(runFolder, 'diagrams');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.mmd'));
  const workplace = mkdtempSync(join(tmpdir(), 'holdfast-diagrams-'));
  try {
    const browser = join(workplace, 'browser.json');
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    writeFileSync(browser, JSON.stringify({ executablePath, args }));
    const paths: string[] = [];
    // One after the other: each is a browser of its own.
    for (const source of sources) {
      const path = join(folder, source.replace(/\.mmd$/, `.${format}`));
      const argv = [
        mmdc,
        '--quiet',
        '--puppeteerConfigFile',
        browser,
        '--input',
        join(folder, source),
        '--output',
        path,
      ];
      await runLocal(argv, { timeoutMs: PICTURE_TIMEOUT_MS });
      paths.push(path);
    }
    return paths;
  } finally {
    rmSync(workplace, { recursive: true });
  }
}

function findProgram(names: readonly string[], what: string, hint: string): string {
  const found = findOnPath(names, [LOCAL_BIN]);
  if (found !== undefined) return found;
  throw new EnvironmentError(`diagrams cannot be drawn: there is no ${what}`, { hint });
}

/** @param first folders to look in before those of PATH */
export function findOnPath(names: readonly string[], first: readonly string[] = []): string | undefined {
  const folders = [...first, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
