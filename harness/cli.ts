// The holdfast command: runs one command line, errors become exit codes. The only place that ends the process.
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { taken, tolerateClosedPipe } from './commands/outputs.ts';
import { EXIT_CODES, explainError, HoldfastError, type ExitCode } from './core/errors.ts';
import { makeProgram } from './program.ts';

/** Says what went wrong, once, and gives the exit code of the CLI contract. */
function report(thrown: unknown): ExitCode {
  // commander has printed its own message.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT_CODES.pass : EXIT_CODES.usage;
  const known = knownErrors(thrown);
  const hint = known.length > 0 ? '' : '\n→ this is unexpected: HOLDFAST_DEBUG=1 shows where it comes from';
  const text = process.env.HOLDFAST_DEBUG === '1' ? inspect(thrown) : `${explainError(thrown)}${hint}`;
  process.stderr.write(`${text}\n`);
  // "The cluster did not come up" because of an interruption, or of what this machine lacks, is told by its cause.
  const exact = known.find(({ exitCode }) => exitCode !== EXIT_CODES.inconclusive);
  return exact?.exitCode ?? EXIT_CODES.inconclusive;
}

/** The errors written for people among an error and its causes. */
function knownErrors(thrown: unknown): HoldfastError[] {
  if (!(thrown instanceof Error)) return [];
  return [...(thrown instanceof HoldfastError ? [thrown] : []), ...knownErrors(thrown.cause)];
}

/** Without a code: the one that the command has set. */
async function end(exitCode?: ExitCode): Promise<void> {
  await Promise.all([taken(process.stdout), taken(process.stderr)]);
  process.exit(exitCode);
}

tolerateClosedPipe(process.stdout);
tolerateClosedPipe(process.stderr);
// Node's own answer would be exit code 1, which means that the cluster failed.
process.on('uncaughtException', (error) => void end(report(error)));

try {
  const program = await makeProgram(process.argv);
  await program.parseAsync(process.argv);
  // Commands that end well with another code than 0 have set process.exitCode.
  await end();
} catch (thrown) {
  await end(report(thrown));
}
