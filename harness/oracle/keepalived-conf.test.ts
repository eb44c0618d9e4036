import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../core/errors.ts';
import type { VrrpInstance } from '../core/record.ts';
import { parseKeepalivedConf } from './keepalived-conf.ts';

const source = { host: 'm1', address: '10.10.102.91', file: 'm1:/etc/keepalived/keepalived.conf' };

/** As in the seed document, comments and all. */
const SEED = `! Configuration File for keepalived

global_defs {
  # notification_email {
   #  ops@example.com
   #}
   router_id LVS_K8S
   #vrrp_strict
}

vrrp_script check_k8s_master {
    script "curl -k http://127.0.0.1:8080/healthz"
    interval 2
    weight -20
}

vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    #mcast_src_ip 10.10.102.91
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    track_script {
        check_k8s_master
    }
    virtual_ipaddress {
        10.10.102.21/24
    }
}
`;

describe('keepalived.conf', () => {
  test('of the seed is read whole, comments and nested blocks passed over', () => {
    expect(parse(SEED)).toEqual([
      {
        host: 'm1',
        address: '10.10.102.91',
        name: 'VI_1',
        state: 'MASTER',
        virtualRouterId: 51,
        priority: 100,
        advertIntervalS: 1,
        preempt: true,
        garpMasterRefreshS: 0,
        trackScripts: [
          {
            name: 'check_k8s_master',
            command: 'curl -k http://127.0.0.1:8080/healthz',
            intervalS: 2,
            timeoutS: 2,
            weight: -20,
            fall: 1,
            rise: 1,
          },
        ],
        virtualAddresses: ['10.10.102.21/24'],
        version: 2,
      } satisfies VrrpInstance,
    ]);
  });

  test("that says little has keepalived's defaults", () => {
    const [instance] = parse(`
      vrrp_script chk { script /bin/true }
      vrrp_instance VI_1 { virtual_router_id 7
        track_script { chk } }`);
    expect(instance).toMatchObject({
      state: 'BACKUP',
      priority: 100,
      advertIntervalS: 1,
      preempt: true,
      version: 2,
      virtualAddresses: [],
      trackScripts: [{ command: '/bin/true', intervalS: 1, timeoutS: 1, weight: 0, fall: 1, rise: 1 }],
    });
  });

  test('that says more is heard', () => {
    const [instance] = parse(`
      global_defs { vrrp_version 3
        vrrp_garp_master_refresh 60 }
      vrrp_script chk
      {
        script "curl '#frag!' {x}"   # a hash within quotes is no comment, a brace no block
        interval 3  ! every three
        timeout 2
        fall 4
        rise 2
      }
      vrrp_instance VI_1 {
        state BACKUP
        virtual_router_id 7
        advert_int 0.5
        nopreempt
        priority 90
        priority 95
        track_script {
          chk weight -30
        }
        virtual_ipaddress {
          10.0.0.1/24 dev eth0 label eth0:1
          10.0.0.2
        }
      }`);
    expect(instance).toMatchObject({
      advertIntervalS: 0.5,
      preempt: false,
      garpMasterRefreshS: 60,
      priority: 95,
      version: 3,
      virtualAddresses: ['10.0.0.1/24', '10.0.0.2'],
      trackScripts: [
        { command: "curl '#frag!' {x}", intervalS: 3, timeoutS: 2, fall: 4, rise: 2, weight: -30 },
      ],
    });
  });

  test('with no or with several instances gives as many', () => {
    expect(parse('global_defs { }')).toEqual([]);
    expect(parse(`${SEED}\n${SEED.replace('VI_1', 'VI_2')}`).map(({ name }) => name)).toEqual([
      'VI_1',
      'VI_2',
    ]);
  });

  test.each([
    [
      edit('priority 100', 'priority many'),
      22,
      'expected priority as a whole number from 1 to 255, found many',
    ],
    [edit('priority 100', 'priority 300'), 22, 'found 300'],
    [edit('priority 100', 'priority'), 22, 'expected a value after priority'],
    [edit('advert_int 1', 'advert_int 0'), 23, 'expected advert_int in seconds above 0, found 0'],
    [edit('state MASTER', 'state LEADER'), 18, 'expected state MASTER or BACKUP, found LEADER'],
    [edit('virtual_router_id 51', ''), 17, 'expected a virtual_router_id, found none'],
    [
      edit('        check_k8s_master', '        check_k8s'),
      29,
      'expected a vrrp_script (check_k8s_master), found check_k8s',
    ],
    [edit('healthz"', 'healthz'), 12, 'expected a closing quote'],
    [edit('weight -20', 'weight -20.5'), 14, 'expected weight as a whole number from -253 to 253'],
    [
      edit('    script "curl -k http://127.0.0.1:8080/healthz"', ''),
      11,
      'expected a script in this vrrp_script',
    ],
    [`${SEED}}`, 35, 'expected no }: no block is open'],
    ['{', 1, 'expected a keyword before {'],
    [
      'vrrp_instance VI_1 {\n state BACKUP',
      1,
      'expected a } for this vrrp_instance, found the end of the file',
    ],
    ['\ninclude other.conf', 2, 'expected plain settings, found include'],
  ])('that is wrong is refused with its line (%#)', (text, line, message) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(`m1:/etc/keepalived/keepalived.conf:${line}: `);
    expect(() => parse(text)).toThrow(message);
  });
});

test('any instance that is written down is read back as it was, however it is laid out', () => {
  const space = fc.constantFrom(' ', '\t', '   ');
  const comment = fc.constantFrom('', ' # note { }', ' ! "unclosed');
  fc.assert(
    fc.property(
      fc.record({
        virtualRouterId: fc.integer({ min: 1, max: 255 }),
        priority: fc.integer({ min: 1, max: 255 }),
        advertIntervalS: fc.constantFrom(0.1, 1, 2.5),
        preempt: fc.boolean(),
        state: fc.constantFrom('MASTER' as const, 'BACKUP' as const),
        weight: fc.integer({ min: -253, max: 253 }),
        fall: fc.integer({ min: 1, max: 9 }),
      }),
      space,
      comment,
      fc.boolean(),
      (wanted, gap, remark, braceBelow) => {
        const open = `${braceBelow ? '\n' : ' '}{${remark}`;
        const lines = [
          `vrrp_script chk${open}`,
          `script${gap}"check me"${remark}`,
          `weight${gap}${wanted.weight}${remark}`,
          `fall${gap}${wanted.fall}`,
          '}',
          `vrrp_instance VI_1${open}`,
          `state${gap}${wanted.state}${remark}`,
          `virtual_router_id${gap}${wanted.virtualRouterId}${remark}`,
          `priority${gap}${wanted.priority}`,
          `advert_int${gap}${wanted.advertIntervalS}${remark}`,
          ...(wanted.preempt ? [] : ['nopreempt']),
          `track_script {`,
          'chk',
          '}',
          '}',
        ];
        const { weight, fall, ...instance } = wanted;
        expect(parse(lines.map((line) => gap + line).join('\n'))).toMatchObject([
          { ...instance, trackScripts: [{ weight, fall, command: 'check me' }] },
        ]);
      },
    ),
  );
});

function parse(text: string): VrrpInstance[] {
  return parseKeepalivedConf(text, source);
}

function edit(from: string, to: string): string {
  if (!SEED.includes(from)) throw new Error(`the seed's file has no ${from}`);
  return SEED.replace(from, to);
}
