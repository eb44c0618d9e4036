// The prober: a client on the lab network that asks at fixed cadences and says on standard output what it saw.
// It runs on the observer as one file without dependencies (Node ≥ 18) and ends with its standard input.
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProberConfig } from '../protocol.ts';
import { LineWriter } from './line-writer.ts';
import { probe } from './probe.ts';

/** Limit on the last lines when nobody reads them. */
const LAST_LINES_TIMEOUT_MS = 1000;

async function main(): Promise<void> {
  raisePriority();
  const stopping = new AbortController();
  const stop = (reason: string): void => stopping.abort(reason);
  process.once('SIGTERM', () => stop('SIGTERM'));

  const config = await readConfig(stop);
  setTimeout(() => stop(`maximum duration of ${config.maxDurationMs} ms reached`), config.maxDurationMs);
  const output = new LineWriter(1, () => stop('nobody reads the output'));
  await probe(config, output, stopping.signal);
  output.write({ t: String(process.hrtime.bigint()), end: String(stopping.signal.reason) });
  await Promise.race([output.end(), sleep(LAST_LINES_TIMEOUT_MS)]);
  // Whatever is still open must not keep this program on the observer.
  process.exit(0);
}

/** A sampler that waits for the CPU measures its own machine. Where this is refused, the noise tells. */
function raisePriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Not permitted: it runs as it is.
  }
}

/** The first line of standard input. What follows it, or its end, is the order to stop. */
async function readConfig(stop: (reason: string) => void): Promise<ProberConfig> {
  return new Promise((resolve, reject) => {
    let line: string | undefined;
    createInterface({ input: process.stdin })
      .on('line', (text) => {
        if (line !== undefined) {
          stop('stopped by the harness');
          return;
        }
        line = text;
        try {
          resolve(JSON.parse(text) as ProberConfig);
        } catch (thrown) {
          reject(new Error('the configuration line is not JSON', { cause: thrown }));
        }
      })
      .once('close', () => {
        reject(new Error('standard input ended before a configuration came'));
        stop('standard input closed');
      });
  });
}

await main();
