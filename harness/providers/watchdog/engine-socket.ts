// The little of the Docker Engine's API that a watchdog needs, without a library.
import { request } from 'node:http';

interface Answer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 20_000;

/** True only when the engine says so. */
export async function isGone(socketPath: string, container: string): Promise<boolean> {
  const answer = await ask(socketPath, 'GET', `/containers/${container}/json`).catch(() => undefined);
  return answer?.status === 404;
}

/** Thaws a container and starts it, as it needs. @returns whether it runs now, or does not exist any more */
export async function bringBack(socketPath: string, container: string): Promise<boolean> {
  const path = `/containers/${container}`;
  const found = await ask(socketPath, 'GET', `${path}/json`);
  if (found.status === 404) return true;
  if (found.status !== 200) return false;
  const { State: state } = JSON.parse(found.body) as { State: { Running: boolean; Paused: boolean } };
  if (state.Running && !state.Paused) return true;
  const { status } = await ask(socketPath, 'POST', `${path}/${state.Paused ? 'unpause' : 'start'}`);
  return status < 400;
}

function ask(socketPath: string, method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}
