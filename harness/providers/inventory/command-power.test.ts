import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FakeHost } from '../../hosts/fake.ts';
import { CommandPower } from './command-power.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-power-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A line for each press, on whatever it is pressed. */
const presses = (): readonly string[] => readFileSync(join(folder, 'pressed'), 'utf8').trim().split('\n');

/** It answers once its switch was pressed as often; a switch that is pressed a second time complains. */
function hostThatTakes(pressesNeeded: number): CommandPower {
  const pressed = join(folder, 'pressed');
  const isUp = (): boolean => existsSync(pressed) && presses().length >= pressesNeeded;
  const host = new FakeHost('db1')
    .when('true', () => ({ exitCode: isUp() ? 0 : 255 }))
    .when('systemctl is-system-running', { exitCode: 1, stdout: 'degraded\n' });
  const commands = {
    off: 'false',
    on: `echo on >> ${pressed}; test $(wc -l < ${pressed}) -eq 1`,
  };
  return new CommandPower(host, commands, 50);
}

test('a machine that was still going down when its switch was pressed is switched on again', async () => {
  const power = hostThatTakes(3);
  await power.on();
  expect(presses()).toEqual(['on', 'on', 'on']);
});

test('a switch that does not work is told of with its command', async () => {
  const power = new CommandPower(new FakeHost('db1').when('true', { exitCode: 255 }), {
    off: 'false',
    on: 'echo no such BMC >&2; exit 4',
  });
  await expect(power.on()).rejects.toThrow(/^the power switch of db1 does not work: .*no such BMC/s);
});
