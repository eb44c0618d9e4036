import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { stateDirectory } from './state-directory.ts';

test('state lives where the user says, else where root or XDG keeps it', () => {
  expect(stateDirectory({ HOLDFAST_STATE_DIR: '/srv/state' }, true)).toBe('/srv/state');
  expect(stateDirectory({}, true)).toBe('/var/lib/holdfast');
  expect(stateDirectory({ XDG_STATE_HOME: '/home/a/state' }, false)).toBe('/home/a/state/holdfast');
  expect(stateDirectory({ XDG_STATE_HOME: '' }, false)).toBe(`${homedir()}/.local/state/holdfast`);
});
