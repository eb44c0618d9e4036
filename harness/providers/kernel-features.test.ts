import { expect, test } from 'vitest';
import { featureState } from './kernel-features.ts';

const netem = { name: 'netem', option: 'NET_SCH_NETEM', module: 'sch_netem' };
const nothing = { config: undefined, loadedModules: '', installedModules: '' };

test('a feature is present when it is built in, loaded, or installed as a module', () => {
  expect(featureState({ ...nothing, config: 'CONFIG_NET_SCH_NETEM=y\n' }, netem)).toBe('present');
  expect(featureState({ ...nothing, loadedModules: 'sch_netem 16384 0 - Live 0x0\n' }, netem)).toBe(
    'present',
  );
  const installed = 'kernel/net/sched/sch_netem.ko.xz: kernel/x.ko\n';
  expect(featureState({ ...nothing, installedModules: installed }, netem)).toBe('present');
});

test('a feature that is configured out, or whose module file is missing, is absent', () => {
  expect(featureState({ ...nothing, config: '# CONFIG_NET_SCH_NETEM is not set\n' }, netem)).toBe('absent');
  expect(featureState({ ...nothing, config: 'CONFIG_NET_SCH_NETEM=m\n' }, netem)).toBe('absent');
});

test('without a configuration it is unknown, not absent', () => {
  expect(featureState(nothing, netem)).toBe('unknown');
});
