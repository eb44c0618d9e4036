// A command whose output is read while it comes: an error of the seed that shows in it is repaired the seed's way, and the
// command goes on or is run again.
import { CommandError, HoldfastError } from '../../core/errors.ts';
import { shellQuote, type Host } from '../../core/host.ts';
import { withLimit } from '../../core/wait.ts';
import { recognized, SEED_ERRORS } from '../../profiles/v1.4.5/errors.ts';
import type { PlannedCommand } from '../../profiles/v1.4.5/plan.ts';
import { argvOf } from './shell.ts';
import type { Turn } from './turn.ts';

type WatchedCommand = Pick<PlannedCommand, 'command' | 'acceptExitCodes'> & { readonly timeoutMs: number };

interface Ending {
  readonly output: string;
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
  readonly durationMs: number;
  /** How many errors were repaired meanwhile. */
  readonly repaired: number;
}

/** @returns all that it printed, both outputs, as a person would see it */
export async function runWatched(deed: WatchedCommand, host: Host, turn: Turn): Promise<string> {
  // Each error is repaired once, so that many turns are enough.
  for (let turns = 0; turns <= SEED_ERRORS.length; turns += 1) {
    const ending = await withLimit(deed.timeoutMs, turn.signal, (signal) =>
      runOnce(deed, host, { ...turn, signal }),
    );
    if ((deed.acceptExitCodes ?? [0]).includes(ending.exitCode ?? -1)) return ending.output;
    if (ending.repaired === 0) throw failure(deed, host, ending);
  }
  throw new HoldfastError(`${host.name}: ${deed.command}: failed again after every repair`);
}

async function runOnce(deed: WatchedCommand, host: Host, turn: Turn): Promise<Ending> {
  const startedAt = performance.now();
  const stream = await host.stream(argvOf(deed.command), { signal: turn.signal });
  const lines: string[] = [];
  const repairs: Promise<void>[] = [];
  const cannotBeRepaired = (): void => void stream.close();
  for await (const line of stream.lines) {
    lines.push(line);
    turn.progress.output(turn.step, `${host.name}: ${line}`);
    for (const error of recognized(turn.row, line)) {
      const repair = turn.repairs.repair(error, { ...turn, line });
      repair.catch(cannotBeRepaired);
      repairs.push(repair);
    }
  }
  await Promise.all(repairs);
  const { exitCode, reason } = await stream.done;
  turn.signal.throwIfAborted();
  return {
    output: lines.map((line) => `${line}\n`).join(''),
    durationMs: performance.now() - startedAt,
    ...{ exitCode, reason, repaired: repairs.length },
  };
}

function failure({ command }: WatchedCommand, host: Host, ending: Ending): CommandError {
  const { output, exitCode, durationMs, reason } = ending;
  return new CommandError({
    host: host.name,
    commandLine: shellQuote(argvOf(command)),
    ...{ exitCode, durationMs, stdout: output, stderr: '' },
    ...(reason !== undefined && { reason }),
  });
}
