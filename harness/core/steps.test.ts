import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { silentProgress } from './progress.ts';
import { runSteps, StepError, type Step } from './steps.ts';

type Log = string[];

function step(name: string, needs: readonly string[], durationMs = 5): Step<Log> {
  return {
    name,
    needs,
    timeoutMs: 1000,
    run: async (log) => {
      log.push(`${name} begins`);
      await sleep(durationMs);
      log.push(`${name} ends`);
    },
  };
}

function failing(name: string, needs: readonly string[] = []): Step<Log> {
  return { name, needs, timeoutMs: 1000, run: () => Promise.reject(new Error('host a: exit code 1')) };
}

describe('running steps', () => {
  it('begins a step only when all that it needs is done', async () => {
    const log: Log = [];
    await runSteps([step('a', [], 20), step('b', []), step('c', ['a', 'b'])], log, {
      progress: silentProgress,
    });
    expect(log.indexOf('c begins')).toBeGreaterThan(log.indexOf('a ends'));
    expect(log.indexOf('c begins')).toBeGreaterThan(log.indexOf('b ends'));
  });

  it('runs what does not depend on each other side by side', async () => {
    const log: Log = [];
    await runSteps([step('a', []), step('b', [])], log, { progress: silentProgress });
    expect(log.slice(0, 2)).toEqual(['a begins', 'b begins']);
  });

  it('runs one after the other when told to', async () => {
    const log: Log = [];
    await runSteps([step('a', []), step('b', [])], log, { progress: silentProgress, sequential: true });
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('names the step that failed and keeps the cause', async () => {
    const failure = await runSteps([failing('etcd running')], [], { progress: silentProgress }).catch(
      (e: unknown) => e,
    );
    expect(failure).toBeInstanceOf(StepError);
    expect(failure).toMatchObject({ step: 'etcd running', cause: { message: 'host a: exit code 1' } });
  });

  it('does not begin what comes after a failure, and waits for what is under way', async () => {
    const log: Log = [];
    const steps = [failing('a'), step('slow', [], 30), step('b', ['a']), step('c', ['slow'])];
    await expect(runSteps(steps, log, { progress: silentProgress })).rejects.toThrow('step "a" failed');
    expect(log).toEqual(['slow begins', 'slow ends']);
  });

  it('tells a step at its limit to stop', async () => {
    const hanging: Step<Log> = {
      name: 'hanging',
      needs: [],
      timeoutMs: 20,
      run: (_log, signal) => sleep(5000, undefined, { signal }),
    };
    await expect(runSteps([hanging], [], { progress: silentProgress })).rejects.toThrow(
      'step "hanging" failed',
    );
  });

  it('gives the reason of its caller when that aborts', async () => {
    const controller = new AbortController();
    controller.abort(new Error('interrupted by SIGINT'));
    const options = { progress: silentProgress, signal: controller.signal };
    await expect(runSteps([step('a', [])], [], options)).rejects.toThrow('interrupted by SIGINT');
  });

  it('refuses a list in which a step needs one that stands behind it', async () => {
    const steps = [step('a', ['b']), step('b', [])];
    await expect(runSteps(steps, [], { progress: silentProgress })).rejects.toThrow('step "a" needs b');
  });
});
