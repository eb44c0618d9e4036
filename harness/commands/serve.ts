// holdfast serve: recorded runs in a browser, on loopback.
import type { Command } from 'commander';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';
import { serveReports } from '../serve.ts';
import { integerFrom } from './options.ts';

const HELP = `
Only this machine can reach it, and only what lies in the folder is served. Ends with Ctrl-C.

Examples:
  holdfast serve
  holdfast serve --port 8080 --reports /var/lib/holdfast/reports`;

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('browse recorded runs on loopback')
    .option('--reports <dir>', 'the folder that holds the runs', 'reports')
    .option('--port <n>', 'default: any that is free', integerFrom(0), 0)
    .addHelpText('after', HELP)
    .action(async ({ reports, port }: { reports: string; port: number }) => {
      if (!existsSync(reports)) throw new UsageError(`there is no folder ${reports}`);
      const served = await serveReports(reports, port);
      process.stdout.write(`${served.url}\n`);
      const ended = new AbortController();
      const end = (): void => ended.abort();
      process.once('SIGINT', end).once('SIGTERM', end);
      await once(ended.signal, 'abort');
      await served.close();
    });
}
