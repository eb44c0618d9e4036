import { expect, test } from 'vitest';
import { amountFinding, nodeFinding } from './doctor-resources.ts';
import type { Finding } from './doctor-finding.ts';
import { diagnose, doctorExitCode, renderFindings } from './doctor.ts';

const ok: Finding = { requirement: 'memory', state: 'ok', detail: '22.1 GiB available', required: true };
const noNetem: Finding = {
  requirement: 'kernel: netem',
  state: 'missing',
  detail: 'not in this kernel: latency and jitter cannot be injected',
  required: false,
};
const noEngine: Finding = {
  requirement: 'Docker Engine',
  state: 'missing',
  detail: 'none answers',
  fix: 'apt-get install docker.io',
  required: true,
};

test('only what a run cannot do without makes the exit code 4', () => {
  expect(doctorExitCode([ok, noNetem])).toBe(0);
  expect(doctorExitCode([{ ...noEngine, state: 'limited' }])).toBe(0);
  expect(doctorExitCode([ok, noEngine])).toBe(4);
});

test('findings are aligned, each with its fix below it, and the verdict last', () => {
  expect(renderFindings([ok, noEngine])).toBe(`ok       memory         22.1 GiB available
missing  Docker Engine  none answers
                        → apt-get install docker.io

No run is possible on this machine before what is missing and needed is there.
`);
  expect(renderFindings([ok, noNetem])).toContain('A run is possible on this machine.');
});

test.each([
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['20.18.3', 'missing'],
  ['18.20.0', 'missing'],
])('Node %s is %s', (version, state) => {
  expect(nodeFinding(version).state).toBe(state);
});

test('an amount is enough, tight or too little', () => {
  const limits = { enough: 6 * 1024 ** 3, least: 4 * 1024 ** 3 };
  expect(amountFinding('memory', 'available', limits.enough, limits)).toMatchObject({ state: 'ok' });
  expect(amountFinding('memory', 'available', limits.enough - 1, limits)).toMatchObject({ state: 'limited' });
  expect(amountFinding('memory', 'available', limits.least - 1, limits)).toMatchObject({
    state: 'missing',
    detail: '4.0 GiB available: at least 4.0 GiB are needed',
  });
});

test('every requirement is told once, also those that other commands add', async () => {
  const findings = await diagnose({
    imageFindings: () => Promise.resolve([{ ...ok, requirement: 'images' }]),
  });
  const requirements = findings.map(({ requirement }) => requirement);
  expect(new Set(requirements).size).toBe(requirements.length);
  for (const requirement of [
    'Node.js',
    'Docker Engine',
    'iptables',
    'capabilities',
    'inotify limits',
    'images',
  ]) {
    expect(requirements).toContain(requirement);
  }
  expect(findings.filter(({ detail }) => detail === '')).toEqual([]);
});
