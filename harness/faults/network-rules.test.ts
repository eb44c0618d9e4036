import { describe, expect, test } from 'vitest';
import {
  chainOf,
  clearArpDrops,
  clearDrops,
  countDrops,
  droppedIn,
  findDevice,
  layArpDrops,
  layDrops,
  RULE_FUNCTIONS,
} from './network-rules.ts';
import { workbench } from './testing/workbench.ts';

const ID = 'isolate-host-0a1b2c3d';
const IN = chainOf(ID, 'in');
const OUT = chainOf(ID, 'out');

const KUBERNETES = ['-P INPUT ACCEPT', '-N KUBE-FIREWALL', '-A INPUT -j KUBE-FIREWALL'];

describe('the chains of a fault', () => {
  test('have names that iptables takes, and no two faults share one', () => {
    const names = [ID, 'soak-of-a-very-long-name-with-many-words-1', 'isolate-host-0a1b2c3e'].flatMap(
      (id) => [chainOf(id, 'in'), chainOf(id, 'out')],
    );
    expect(names.every((name) => name.length <= 28)).toBe(true);
    expect(new Set(names).size).toBe(6);
  });

  test('are laid at once, without touching a chain of others', () => {
    const { folder, program, shell } = workbench();
    program('iptables-restore', `cat >> ${folder}/asked`);
    const { status, asked } = shell(layDrops(ID, [{ way: 'out', match: '-p 112' }]));
    expect(status).toBe(0);
    expect(asked).toEqual([
      'iptables-restore -w --noflush',
      '*mangle',
      `:${OUT} - [0:0]`,
      `-A ${OUT} -p 112 -j DROP`,
      `-I OUTPUT -j ${OUT}`,
      `-I FORWARD -j ${OUT}`,
      'COMMIT',
    ]);
  });

  test('know a neighbour by its link address, and by its own where nobody knows that', () => {
    const { folder, program, shell } = workbench();
    program(
      'ip',
      `case $* in *10.10.102.92) echo '10.10.102.92 dev eth0 lladdr 02:42:0a:0a:66:5c STALE' ;; esac`,
    );
    program('iptables-restore', `cat >> ${folder}/asked`);
    const drops = ['10.10.102.92', '10.10.102.93'].map(
      (address) => ({ way: 'in', match: `$(from_link ${address})` }) as const,
    );
    const { asked } = shell(`${RULE_FUNCTIONS}\n${layDrops(ID, drops)}`);
    expect(asked).toContain(`-A ${IN} -m mac --mac-source 02:42:0a:0a:66:5c -j DROP`);
    expect(asked).toContain(`-A ${IN} -s 10.10.102.93 -j DROP`);
  });

  test('are taken away with what leads to them, and nothing else is', () => {
    const { program, shell } = workbench();
    const laid = [`-N ${IN}`, `-A INPUT -j ${IN}`, `-A FORWARD -j ${IN}`, `-A ${IN} -i eth0 -j DROP`];
    program('iptables', `case $* in *-S) printf '%s\\n' '${[...KUBERNETES, ...laid].join("' '")}' ;; esac`);
    const { status, asked } = shell(clearDrops(ID));
    expect(status).toBe(0);
    expect(asked).toEqual([
      'iptables -w -t mangle -S',
      `iptables -w -t mangle -D INPUT -j ${IN}`,
      `iptables -w -t mangle -D FORWARD -j ${IN}`,
      `iptables -w -t mangle -F ${IN}`,
      `iptables -w -t mangle -X ${IN}`,
    ]);
  });

  test('are left to be taken away later when they cannot be listed', () => {
    const { program, shell } = workbench();
    program('iptables', 'exit 4');
    expect(shell(clearDrops(ID)).status).not.toBe(0);
  });

  test('are not looked for twice: on a whole host nothing is done', () => {
    const { program, shell } = workbench();
    program('iptables', `printf '%s\\n' '${KUBERNETES.join("' '")}'`);
    program('arptables-save', `printf '%s\\n' '*filter' ':INPUT ACCEPT'`);
    program('arptables', '');
    const { status, asked } = shell(`${clearDrops(ID)}\n${clearArpDrops(ID)}`);
    expect(status).toBe(0);
    expect(asked).toEqual(['iptables -w -t mangle -S', 'arptables-save ']);
  });

  test('of ARP too', () => {
    const { program, shell } = workbench();
    program('arptables', '');
    program(
      'arptables-save',
      `printf '%s\\n' '*filter' ':${IN} -' '-A INPUT -j ${IN}' '-A ${IN} -j DROP -i eth0'`,
    );
    expect(shell(layArpDrops(ID, [{ way: 'in', match: '-i eth0' }])).asked).toEqual([
      `arptables -N ${IN}`,
      `arptables -A ${IN} -i eth0 -j DROP`,
      `arptables -I INPUT -j ${IN}`,
    ]);
    expect(shell(clearArpDrops(ID)).asked).toEqual([
      'arptables-save ',
      `arptables -D INPUT -j ${IN}`,
      `arptables -F ${IN}`,
      `arptables -X ${IN}`,
    ]);
  });
});

test("what was dropped is counted from the fault's own rules, of packets and of ARP", () => {
  const { program, shell } = workbench();
  program(
    'iptables-save',
    `printf '%s\\n' '[9:540] -A INPUT -j ${IN}' '[50:90] -A ${IN} -s 10.10.102.5/32 -p tcp -m tcp --dport 22 -j RETURN' '[3:252] -A ${IN} -s 10.10.102.91/32 -j DROP' '[2:168] -A ${OUT} -j DROP' '[7:1] -A KUBE-FIREWALL -j DROP'`,
  );
  program(
    'arptables-save',
    `printf '%s\\n' '[8:224] -A ${IN} -j RETURN -s 10.10.102.5 -d 10.10.102.91' '[1:28] -A ${IN} -j DROP -i eth0'`,
  );
  const { stdout } = shell(countDrops(ID));
  expect(droppedIn(stdout, 'in')).toBe(4);
  expect(droppedIn(stdout, 'out')).toBe(2);
});

test('a host whose address is nowhere is not struck', () => {
  const { program, shell } = workbench();
  program('ip', '');
  expect(shell(findDevice('10.10.102.91')).status).toBe(1);
});
