// The docker-exec host against a real container.
import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { afterEach, describe, expect, test } from 'vitest';
import { DockerExecHost } from '../../harness/hosts/docker-exec.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { hostContract, type HostUnderTest } from './host-contract.ts';
import { testImages } from './test-images.ts';

const docker = new Docker();

interface ContainerHost extends HostUnderTest {
  readonly host: DockerExecHost;
  readonly container: Docker.Container;
}

async function startContainer(): Promise<ContainerHost> {
  const { observer } = await testImages();
  const runId = `test-${randomUUID().slice(0, 8)}`;
  const container = await docker.createContainer({
    name: `holdfast-${runId}`,
    Image: observer,
    Entrypoint: ['sleep', '600'],
    Labels: { holdfast: 'lab', 'holdfast.run': runId },
    HostConfig: { Tmpfs: { '/run': '' }, NetworkMode: 'none', Init: true },
  });
  await container.start();
  return {
    container,
    host: new DockerExecHost({ docker, name: 'one', address: '127.0.0.1', container: `holdfast-${runId}` }),
    dispose: async () => {
      await container.remove({ force: true, v: true });
    },
  };
}

describe('the contract of hosts, kept by docker exec', () => {
  hostContract(startContainer);
});

describe('a container as a host', () => {
  const started: ContainerHost[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.dispose()));
  });
  const start = async (): Promise<ContainerHost> => {
    const one = await startContainer();
    started.push(one);
    return one;
  };
  const sleepers = async (host: DockerExecHost): Promise<string> =>
    (await host.run(['sh', '-c', 'grep -lsx -e "sleep" /proc/[0-9]*/comm | wc -l'])).stdout.trim();

  test('what a timed-out command started is killed inside, children and all', async () => {
    const { host } = await start();
    const before = await sleepers(host);
    await expect(host.run(['sh', '-c', 'sleep 500 & sleep 501'], { timeoutMs: 500 })).rejects.toThrow(
      '500 ms',
    );
    expect(await sleepers(host)).toBe(before);
  });

  test('a closed stream leaves no process behind, even one that ignores SIGTERM', async () => {
    const { host } = await start();
    const before = await sleepers(host);
    const stream = await host.stream(['sh', '-c', 'trap "" TERM; while :; do sleep 1; done']);
    await stream.close();
    await waitFor('no sleeper', { timeoutMs: 3000 }, async () => {
      const now = await sleepers(host);
      return now === before ? { done: true } : { missing: `${now} sleepers` };
    });
  });

  test('a powered-off host ends its streams with that reason and refuses commands with it', async () => {
    const { host, container } = await start();
    const stream = await host.stream(['sh', '-c', 'echo up; sleep 500']);
    const lines = stream.lines[Symbol.asyncIterator]();
    await lines.next();
    await container.kill();
    expect(await lines.next()).toMatchObject({ done: true });
    expect(await stream.done).toMatchObject({ exitCode: undefined, reason: 'host powered off' });
    await expect(host.run(['true'])).rejects.toThrow(
      /one: host powered off after \d+ ms: docker exec holdfast-test-/,
    );
    await stream.close();
  });

  test('a command is not taken for finished when its host goes off and on again', async () => {
    const { host, container } = await start();
    const command = host.run(['sleep', '500']);
    const outcome = expect(command).rejects.toThrow('host powered off');
    await waitFor('second sleeper', { timeoutMs: 5000 }, async () =>
      (await sleepers(host)) === '1' ? { missing: 'not yet' } : { done: true },
    );
    await container.restart({ t: 0 });
    await outcome;
  });

  test('a host that is gone says so', async () => {
    const { host, container } = await start();
    await container.remove({ force: true, v: true });
    await expect(host.run(['true'])).rejects.toThrow('host does not exist');
    started.splice(0);
  });

  test('a dialled connection carries bytes both ways and ends with the other side', async () => {
    const { host } = await start();
    const server = await host.stream([
      'socat',
      'TCP-LISTEN:7000,reuseaddr',
      'SYSTEM:read line; echo "got $line"',
    ]);
    const connection = await waitFor('listener', { timeoutMs: 5000 }, async () => ({
      done: await host.dial('127.0.0.1', 7000),
    }));
    connection.write('ping\n');
    expect(Buffer.concat(await connection.toArray()).toString()).toBe('got ping\n');
    await server.close();
  });

  test('a refused connection is an error that names address and port', async () => {
    const { host } = await start();
    await expect(host.dial('127.0.0.1', 7001)).rejects.toThrow(
      /TCP:127\.0\.0\.1:7001.*[\s\S]*Connection refused/,
    );
  });
});
