// One deed of the plan on one host.
import { HoldfastError, UsageError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { waitFor } from '../../core/wait.ts';
import { edited } from '../../profiles/v1.4.5/edits.ts';
import { tokenIn } from '../../profiles/v1.4.5/errors.ts';
import { INIT_LOG } from '../../profiles/v1.4.5/names.ts';
import { withToken, type PlannedCommand, type PlannedDeed } from '../../profiles/v1.4.5/plan.ts';
import { firstMaster } from '../../profiles/v1.4.5/files.ts';
import { filesLike, readBundleFile } from './bundle-folder.ts';
import { ANY_EXIT_CODE, questionOf } from './shell.ts';
import type { Turn } from './turn.ts';
import { runWatched } from './watched.ts';

const BRING_TIMEOUT_MS = 1_200_000;
const COMMAND_TIMEOUT_MS = 60_000;
/** Through a command, as an upload has a limit for small files. */
const BRING = 'mkdir -p "$(dirname "$1")" && cat > "$1.part" && mv "$1.part" "$1"';

export async function perform(deed: PlannedDeed, turn: Turn): Promise<void> {
  const host = turn.lab.host(turn.host);
  switch (deed.kind) {
    case 'command':
      await performCommand(deed, host, turn);
      return;
    case 'write':
      await host.upload(deed.path, deed.content);
      return;
    case 'edit': {
      const before = (await host.download(deed.path)).toString('utf8');
      const after = edited(deed.edit, before);
      if (after !== before) await host.upload(deed.path, after);
      return;
    }
    case 'bring':
      for (const file of filesLike(turn.bundle, deed.files)) {
        await bring(await readBundleFile(turn.bundle, file), `${deed.to}/${file}`, host, turn.signal);
      }
      return;
    case 'hand-over': {
      const content = await turn.lab.host(deed.from).download(deed.path);
      await host.upload(deed.path, content, { mode: 0o600 });
    }
  }
}

async function performCommand(deed: PlannedCommand, host: Host, turn: Turn): Promise<void> {
  const { signal } = turn;
  if (deed.unless !== undefined) {
    const { exitCode } = await host.run(questionOf(deed.unless), {
      signal,
      acceptExitCodes: ANY_EXIT_CODE,
    });
    if (exitCode === 0) return;
  }
  const command = deed.command.includes('{{token}}')
    ? withToken(deed.command, await knownToken(turn))
    : deed.command;
  const limit = { timeoutMs: deedLimitMs(deed), signal };
  if (deed.repeated) {
    await waitFor(`${host.name}: ${command} as expected`, { ...limit, intervalMs: 500 }, async () => {
      const output = await runWatched({ ...deed, command, timeoutMs: COMMAND_TIMEOUT_MS }, host, turn);
      return isAsExpected(deed, output) ? { done: undefined } : { missing: `it said\n${output}` };
    });
    return;
  }
  const output = await runWatched({ ...deed, command, timeoutMs: limit.timeoutMs }, host, turn);
  if (deed.keepIn !== undefined) await host.upload(deed.keepIn, output, { mode: 0o600 });
  if (!isAsExpected(deed, output)) {
    throw new HoldfastError(
      `${host.name}: ${command}\nended well, but what it said is not what the seed shows:\n${output}`,
      { hint: `expected was /${deed.expect ?? ''}/` },
    );
  }
}

function isAsExpected({ expect }: PlannedCommand, output: string): boolean {
  return expect === undefined || new RegExp(expect, 'm').test(output);
}

/** From the first master's own note, so that a plan which was broken off can be gone on with. */
async function knownToken({ token, lab }: Turn): Promise<string> {
  if (token.value !== undefined) return token.value;
  const first = lab.host(firstMaster(lab.descriptor.topology).name);
  const said = (await first.download(INIT_LOG)).toString('utf8');
  token.value = tokenIn(said);
  if (token.value !== undefined) return token.value;
  throw new UsageError(`${first.name}: no token in ${INIT_LOG}, which has what kubeadm init printed`);
}

/** A file that is there in the same size is not carried again: the archives are large. */
async function bring(content: Buffer, path: string, host: Host, signal: AbortSignal): Promise<void> {
  const isThere = [
    'sh',
    '-c',
    'test "$(stat -c %s "$1" 2> /dev/null)" = "$2"',
    'sh',
    path,
    String(content.length),
  ];
  const { exitCode } = await host.run(isThere, { signal, acceptExitCodes: ANY_EXIT_CODE });
  if (exitCode === 0) return;
  await host.run(['sh', '-c', BRING, 'sh', path], { stdin: content, timeoutMs: BRING_TIMEOUT_MS, signal });
}

export function deedLimitMs(deed: PlannedDeed): number {
  switch (deed.kind) {
    case 'command':
      return deed.timeoutS === undefined ? COMMAND_TIMEOUT_MS : deed.timeoutS * 1000;
    case 'bring':
      return BRING_TIMEOUT_MS;
    default:
      return COMMAND_TIMEOUT_MS;
  }
}
