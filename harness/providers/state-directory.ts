// Where holdfast keeps what must outlive a process and concerns the whole machine.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** HOLDFAST_STATE_DIR, else /var/lib/holdfast for root, else the user's XDG state directory. */
export function stateDirectory(
  environment: NodeJS.ProcessEnv = process.env,
  isRoot: boolean = process.getuid?.() === 0,
): string {
  if (environment.HOLDFAST_STATE_DIR) return environment.HOLDFAST_STATE_DIR;
  if (isRoot) return '/var/lib/holdfast';
  return join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'holdfast');
}
