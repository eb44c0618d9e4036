// The lines are what tcpdump 4.99.3 printed of keepalived 2.2.7, with VRRP version 2 and 3.
import { describe, expect, it } from 'vitest';
import { parseWireLine, wireFilter } from './wire-lines.ts';

const VIP = '10.10.102.21';
const parse = (line: string): unknown => parseWireLine(line, VIP);

describe('parseWireLine', () => {
  it('reads an advert of version 2, whose interval is in seconds', () => {
    expect(
      parse(
        '1795425867.862890 02:42:0a:0a:66:5b > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: 10.10.102.91 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype simple, intvl 1s, length 20',
      ),
    ).toEqual({
      kind: 'advert',
      epochMs: 1795425867862.89,
      advert: { source: '10.10.102.91', virtualRouterId: 51, priority: 100, advertIntervalS: 1 },
    });
  });

  it('reads an advert of version 3, whose interval is in hundredths, also the one that gives the address up', () => {
    expect(
      parse(
        '1795426082.630321 9a:3c:00:7f:20:ed > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 46: 192.0.2.2 > 224.0.0.18: VRRPv3, Advertisement, vrid 77, prio 0, intvl 50cs, length 12',
      ),
    ).toMatchObject({
      advert: { source: '192.0.2.2', virtualRouterId: 77, priority: 0, advertIntervalS: 0.5 },
    });
  });

  it('reads an advert of which more is printed than is asked for', () => {
    expect(
      parse(
        '1795425867.862890 02:42:0a:0a:66:5b > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: 10.10.102.91 > 10.10.102.92: VRRPv2, Advertisement, vrid 51, prio 100, authtype simple, intvl 1s, length 20, addrs: 10.10.102.21 auth "1111"',
      ),
    ).toMatchObject({ kind: 'advert', advert: { source: '10.10.102.91' } });
  });

  it('takes an advert that came through a router for none, as its receivers do', () => {
    expect(
      parse(
        '1795425867.862890 02:42:0a:0a:66:5b > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: 10.10.102.91 > 224.0.0.18: VRRPv2, Advertisement, (ttl 254), vrid 51, prio 100, authtype simple, intvl 1s, length 20',
      ),
    ).toBeUndefined();
  });

  it('reads a gratuitous ARP, as a request and as a reply', () => {
    expect(
      parse(
        '1795426022.464508 02:42:0a:0a:66:5c > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 10.10.102.21 (ff:ff:ff:ff:ff:ff) tell 10.10.102.21, length 28',
      ),
    ).toEqual({ kind: 'gratuitous', epochMs: 1795426022464.508, linkAddress: '02:42:0a:0a:66:5c' });
    expect(
      parse(
        '1795426023.806348 02:42:0a:0a:66:5c > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Reply 10.10.102.21 is-at 02:42:0a:0a:66:5d, length 28',
      ),
    ).toMatchObject({ kind: 'gratuitous', linkAddress: '02:42:0a:0a:66:5d' });
  });

  it('minds no question for the VIP and no ARP for another address', () => {
    const request =
      '1795426023.806302 9e:53:cf:ca:f9:a9 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42';
    expect(parse(`${request}: Request who-has 10.10.102.21 tell 10.10.103.200, length 28`)).toBeUndefined();
    expect(
      parse(`${request}: Request who-has 10.10.102.210 (ff:ff:ff:ff:ff:ff) tell 10.10.102.210, length 28`),
    ).toBeUndefined();
    expect(parse(`${request}: Reply 10.10.102.210 is-at 02:42:0a:0a:66:5d, length 28`)).toBeUndefined();
  });

  it('hears that the capture runs, and in the end what it missed', () => {
    const listening = 'listening on eth0, link-type EN10MB (Ethernet), snapshot length 256 bytes';
    expect(parse(listening)).toEqual({ kind: 'listening' });
    expect(parse(`tcpdump: ${listening}`)).toEqual({ kind: 'listening' });
    expect(parse('12 packets dropped by kernel')).toEqual({ kind: 'dropped', packets: 12 });
    expect(parse('1 packet dropped by kernel')).toEqual({ kind: 'dropped', packets: 1 });
    for (const line of ['14 packets captured', '14 packets received by filter', '']) {
      expect(parse(line)).toBeUndefined();
    }
  });
});

it('wireFilter lets only gratuitous ARP for the VIP through beside adverts', () => {
  expect(wireFilter(VIP)).toBe('vrrp or (arp[14:4] = 0x0a0a6615 and arp[24:4] = 0x0a0a6615)');
});
