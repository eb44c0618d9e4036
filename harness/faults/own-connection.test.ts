import { describe, expect, test } from 'vitest';
import { clearQueue, layQueue } from './network-queues.ts';
import { chainOf, layArpDrops, layDrops, type Way } from './network-rules.ts';
import { FIND_OWN_CONNECTION, OWN_CONNECTION_AS_FOUND } from './own-connection.ts';
import { workbench, type Workbench } from './testing/workbench.ts';

const ID = 'isolate-host-0a1b2c3d';
const TELL = `${FIND_OWN_CONNECTION}\necho "${OWN_CONNECTION_AS_FOUND}"`;
const NEIGHBOUR = '10.0.0.5 from 10.0.0.11 dev eth0 uid 0';
const ROUTED = '192.0.2.7 from 10.0.0.11 via 10.0.0.1 dev eth0 uid 0';
const NONE = "ssh_client='' ssh_server='' ssh_port='' ssh_hop='' ssh_device=''";

/** @param route what `ip route get` answers */
function host(route: string): Workbench {
  const bench = workbench();
  bench.program('ip', `case $* in *'route get'*) echo '${route}'; echo '    cache' ;; esac`);
  for (const name of ['tc', 'arptables']) bench.program(name, '');
  bench.program('iptables-restore', `cat >> ${bench.folder}/asked`);
  return bench;
}

/** As sshd, a shell and sudo do it: the variable is an ancestor's, and not the command's own. */
function overSsh(connection: string, script: string): string {
  return `SSH_CONNECTION='${connection}' sh -c 'env -u SSH_CONNECTION sh -eu -s; exit $?' <<'DEED'
${script}
DEED`;
}

describe('the connection by which a shell came', () => {
  test.each([
    [
      'from a neighbour',
      '10.0.0.5 40000 10.0.0.11 22',
      NEIGHBOUR,
      "ssh_client='10.0.0.5' ssh_server='10.0.0.11' ssh_port='22' ssh_hop='10.0.0.5' ssh_device='eth0'",
    ],
    [
      'through a router',
      '192.0.2.7 40000 10.0.0.11 2222',
      ROUTED,
      "ssh_client='192.0.2.7' ssh_server='10.0.0.11' ssh_port='2222' ssh_hop='10.0.0.1' ssh_device='eth0'",
    ],
    ['by the loopback interface', '127.0.0.1 40000 127.0.0.1 22', 'local 127.0.0.1 dev lo', NONE],
    [
      'over IPv6, of which the interface alone matters',
      'fe80::1%eth0 40000 fe80::2%eth0 22',
      'fe80::1 dev eth0 proto kernel',
      NONE.replace("ssh_device=''", "ssh_device='eth0'"),
    ],
    [
      'without a route back, so that nobody knows by what interface',
      '10.0.0.5 40000 10.0.0.11 22',
      '',
      "ssh_client='10.0.0.5' ssh_server='10.0.0.11' ssh_port='22' ssh_hop='10.0.0.5' ssh_device=''",
    ],
  ])('is found %s', (_, connection, route, found) => {
    const { stdout, status } = host(route).shell(overSsh(connection, TELL));
    expect([status, stdout.trim()]).toEqual([0, found]);
  });
});

describe('what is let through', () => {
  const lay = (
    ways: readonly Way[],
    connection = '10.0.0.5 40000 10.0.0.11 22',
    route = NEIGHBOUR,
  ): readonly string[] => {
    const drops = ways.map((way) => ({ way, match: '-i eth0' }));
    const script = `${FIND_OWN_CONNECTION}\n${layArpDrops(ID, drops)}\n${layDrops(ID, drops)}`;
    const { asked, status } = host(route).shell(overSsh(connection, script));
    expect(status).toBe(0);
    return asked.filter((line) => /-j (RETURN|DROP)/.test(line));
  };
  const [IN, OUT] = [chainOf(ID, 'in'), chainOf(ID, 'out')];

  test('stands before all that is dropped, and is no more than that connection and its ARP', () => {
    expect(lay(['in', 'out'])).toEqual([
      `arptables -A ${IN} -s 10.0.0.5 -d 10.0.0.11 -j RETURN`,
      `arptables -A ${OUT} -s 10.0.0.11 -d 10.0.0.5 -j RETURN`,
      `arptables -A ${IN} -i eth0 -j DROP`,
      `arptables -A ${OUT} -i eth0 -j DROP`,
      `-A ${IN} -s 10.0.0.5 -d 10.0.0.11 -p tcp --dport 22 -j RETURN`,
      `-A ${OUT} -s 10.0.0.11 -d 10.0.0.5 -p tcp --sport 22 -j RETURN`,
      `-A ${IN} -i eth0 -j DROP`,
      `-A ${OUT} -i eth0 -j DROP`,
    ]);
  });

  test.each([
    ['in', IN],
    ['out', OUT],
  ] as const)('keeps to the direction %s', (way, chain) => {
    expect(lay([way]).every((line) => line.includes(chain))).toBe(true);
  });

  test('is nothing where nobody came by a network', () => {
    const asked = lay(['in'], '127.0.0.1 40000 127.0.0.1 22', 'local 127.0.0.1 dev lo');
    expect(asked).toEqual([`arptables -A ${IN} -i eth0 -j DROP`, `-A ${IN} -i eth0 -j DROP`]);
  });
});

describe('the queue of an interface', () => {
  const queue = (connection: string, route: string): ReturnType<Workbench['shell']> =>
    host(route).shell(
      overSsh(connection, `device=eth0\n${FIND_OWN_CONNECTION}\n${layQueue(ID, 'pfifo limit 0')}`),
    );
  const handle = /\$3 == "([0-9a-f]+):"/.exec(clearQueue(ID))?.[1] ?? '';

  test('has a class for the connection and its ARP, and the discipline is for all else', () => {
    const { asked, status } = queue('10.0.0.5 40000 10.0.0.11 22', NEIGHBOUR);
    expect(status).toBe(0);
    const add = (what: string, rest: string): string => `tc ${what} add dev eth0 ${rest}`;
    expect(asked.filter((line) => line.startsWith('tc '))).toEqual([
      add('qdisc', `root handle ${handle}: htb default 2`),
      add('class', `parent ${handle}: classid ${handle}:1 htb rate 100gbit quantum 60000`),
      add(
        'filter',
        `parent ${handle}: protocol ip prio 1 u32 match ip protocol 6 0xff match ip src 10.0.0.11/32 match ip dst 10.0.0.5/32 match ip sport 22 0xffff flowid ${handle}:1`,
      ),
      add(
        'filter',
        `parent ${handle}: protocol arp prio 2 u32 match u16 0x0a00 0xffff at 14 match u16 0x000b 0xffff at 16 match u32 0x0a000005 0xffffffff at 24 flowid ${handle}:1`,
      ),
      add('class', `parent ${handle}: classid ${handle}:2 htb rate 100gbit quantum 60000`),
      add('qdisc', `parent ${handle}:2 pfifo limit 0`),
    ]);
  });

  test('is the discipline alone where SSH comes by another interface', () => {
    const { asked } = queue('10.0.0.5 40000 10.0.0.11 22', NEIGHBOUR.replace('eth0', 'eth1'));
    expect(asked.filter((line) => line.startsWith('tc '))).toEqual([
      `tc qdisc add dev eth0 root handle ${handle}: pfifo limit 0`,
    ]);
  });

  test('is left alone where SSH comes by it over IPv6', () => {
    const { asked, status } = queue('fe80::1%eth0 40000 fe80::2%eth0 22', 'fe80::1 dev eth0');
    expect(status).not.toBe(0);
    expect(asked.filter((line) => line.startsWith('tc '))).toEqual([]);
  });
});
