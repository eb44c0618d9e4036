import { expect, test } from 'vitest';
import { FakeHost } from '../hosts/fake.ts';
import { waitForSystemd } from './systemd.ts';

const ASK = 'systemctl is-system-running --wait';

test('a host whose bus is not there yet is asked again until systemd is running', async () => {
  let asked = 0;
  const host = new FakeHost().when(ASK, () =>
    ++asked < 3 ? { exitCode: 1, stderr: 'Failed to connect to bus' } : { stdout: 'running\n' },
  );
  await waitForSystemd(host, { timeoutMs: 5000 });
  expect(asked).toBe(3);
});

test('a degraded host is an error that names the failed units', async () => {
  const host = new FakeHost('10-10-102-91.master')
    .when(ASK, { exitCode: 1, stdout: 'degraded\n' })
    .when('systemctl list-units --failed', {
      stdout: 'etcd.service loaded failed failed etcd\nssh.service loaded failed failed ssh\n',
    });
  await expect(waitForSystemd(host, { timeoutMs: 5000 })).rejects.toThrow(
    '10-10-102-91.master is up but degraded: failed units: etcd.service, ssh.service',
  );
});

test('a host that never comes up is named with its last answer', async () => {
  const host = new FakeHost('n1').when(ASK, { exitCode: 1, stdout: 'starting\n' });
  await expect(waitForSystemd(host, { timeoutMs: 300 })).rejects.toThrow(
    'systemd on n1 running not reached after 300 ms: starting',
  );
});

test('a degraded host is up where that is accepted', async () => {
  const host = new FakeHost().when(ASK, { exitCode: 1, stdout: 'degraded\n' });
  await waitForSystemd(host, { timeoutMs: 5000, accepts: 'degraded' });
});

test('a systemd that cannot wait is asked again and again', async () => {
  let asked = 0;
  const host = new FakeHost()
    .when(ASK, { exitCode: 1, stderr: "systemctl: unrecognized option '--wait'\n" })
    .when(
      (argv) => argv.at(-1) === 'is-system-running',
      () => (++asked < 3 ? { exitCode: 1, stdout: 'starting\n' } : { stdout: 'running\n' }),
    );
  await waitForSystemd(host, { timeoutMs: 5000 });
  expect(asked).toBe(3);
});
