import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../core/errors.ts';
import { lint, registerLint, renderLint } from './lint.ts';

const CONF = (priority: number): string => `vrrp_script check {
  script "curl -fsk -m 1 https://127.0.0.1:6443/healthz"
  weight -20
}
vrrp_instance VI_1 {
  virtual_router_id 51
  priority ${priority}
  garp_master_refresh 10
  track_script { check }
}
`;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('lint', () => {
  test('finds the weaknesses of the seed, and fewer with a third member of etcd', () => {
    const [seed, three] = lint(['seed', 'three-etcd']);
    expect(seed?.findings.map(({ id }) => id)).toEqual([
      'etcd-tolerates-nothing',
      'etcd-on-nodes',
      'vip-mask',
      'no-garp-refresh',
    ]);
    expect(three?.findings.map(({ id }) => id)).toEqual(['etcd-on-nodes', 'vip-mask', 'no-garp-refresh']);
  });

  test('compares the files of several hosts with each other', () => {
    const folder = folderWith({ 'm1/keepalived.conf': CONF(100), 'm2/keepalived.conf': CONF(100) });
    const paths = ['m1', 'm2'].map((host) => join(folder, host, 'keepalived.conf'));
    const [report] = lint(paths);
    expect(report?.findings).toMatchObject([
      { id: 'equal-priorities', where: `${paths[0]}:5, ${paths[1]}:5`, severity: 'mistake' },
    ]);
    const [alone] = lint([paths[0] ?? '']);
    expect(alone?.findings).toEqual([]);
  });

  test('says what follows and what to do, the gravest first', () => {
    const folder = folderWith({ 'bad.conf': CONF(100).replace('-fsk', '-sk').replace('-m 1 ', '') });
    const text = renderLint(lint([join(folder, 'bad.conf'), 'seed']));
    expect(text.indexOf('Weaknesses')).toBeLessThan(text.indexOf('Mistakes'));
    expect(text).toContain('check-ignores-errors');
    expect(text).toContain('    → add -f\n');
    expect(renderLint(lint([join(folderWith({ 'good.conf': CONF(100) }), 'good.conf')]))).toMatch(
      /good.conf: nothing to say against it\n$/,
    );
  });

  test('refuses what is not there or cannot be read', () => {
    expect(() => lint(['/nowhere/keepalived.conf'])).toThrow(UsageError);
    expect(() => lint(['nowhere'])).toThrow(UsageError);
    expect(() => lint([join(folderWith({ 'a.conf': 'vrrp_instance {' }), 'a.conf')])).toThrow(/a\.conf:1: /);
  });
});

describe('holdfast lint', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  test.each([
    ['good.conf', CONF(100), undefined],
    ['note.conf', CONF(100).replace('-m 1 ', ''), undefined],
    ['bad.conf', CONF(100).replace('-fsk', '-sk'), 1],
  ])('ends with the right code for %s, and its JSON is a list of reports', (name, text, code) => {
    const path = join(folderWith({ [name]: text }), name);
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const program = new Command();
    registerLint(program);
    program.parse(['node', 'holdfast', 'lint', path, '--json']);
    expect(process.exitCode).toBe(code);
    expect(JSON.parse(String(written.mock.calls[0]?.[0]))).toMatchObject([{ subject: path }]);
  });
});
