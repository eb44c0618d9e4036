import { describe, expect, it } from 'vitest';
import { readPitfalls } from './preflight.ts';

const CHECKS = [
  'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
  'DirAvailable--var-lib-etcd',
  'Port-2379',
];
const NOT_AS_NEW = '[ERROR FileExisting-crictl]: crictl not found in system path';

/** As kubeadm prints it; the pitfall's own error while it is laid. */
function saidOf(check: string, moment: string): string {
  const error = moment === 'laid' ? `\t[ERROR ${check}]: it is there\n` : '';
  return `@@ ${check} ${moment}
[preflight] Running pre-flight checks
error execution phase preflight: [preflight] Some fatal errors occurred:
\t${NOT_AS_NEW}
${error}[preflight] If you know what you are doing, you can make a check non-fatal\n`;
}

const SAID = CHECKS.flatMap((check) => ['before', 'laid', 'cleared'].map((moment) => saidOf(check, moment)));

describe("what kubeadm says of the seed's pitfalls", () => {
  it('is read by pitfall and moment, with what else it does not like', () => {
    const found = readPitfalls(SAID.join(''));
    expect(found.map(({ check }) => check)).toEqual(CHECKS);
    for (const { check, errors } of found) {
      expect(errors).toEqual({
        before: ['FileExisting-crictl'],
        laid: ['FileExisting-crictl', check],
        cleared: ['FileExisting-crictl'],
      });
    }
  });

  it('is not taken for clean where it made no checks at all', () => {
    const broken = [...SAID.slice(0, -1), '@@ Port-2379 cleared\nsh: kubeadm: not found\n'].join('');
    expect(() => readPitfalls(broken)).toThrow('made no preflight checks: Port-2379 cleared');
    expect(() => readPitfalls(SAID.slice(0, 4).join(''))).toThrow('made no preflight checks');
  });
});
