// The command line of holdfast doctor (doctor.ts looks, this one prints).
import type { Command } from 'commander';
import { diagnose, doctorExitCode, renderFindings } from './doctor.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what this machine can and cannot do, with the reason and the fix')
    .option('--json', 'as JSON: {"findings": [{requirement, state, detail, fix?, required}]}')
    .addHelpText(
      'after',
      '\nExit code: 0 when a run is possible, 4 when something that it needs is missing.' +
        '\n\nExamples:\n  holdfast doctor\n  holdfast doctor --json | jq ".findings[] | select(.state != \\"ok\\")"',
    )
    .action(async ({ json }: { json?: true }) => {
      const findings = await diagnose();
      process.stdout.write(json ? `${JSON.stringify({ findings }, null, 2)}\n` : renderFindings(findings));
      process.exitCode = doctorExitCode(findings);
    });
}
