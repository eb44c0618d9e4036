// One line of `tcpdump -n -e -tt` as what it says about the VIP. Pure. Without -v a packet is one line, and the password
// of VRRP's simple authentication stays out of it.
import type { VrrpAdvert } from '../core/record.ts';

export type WireLine =
  | { readonly kind: 'listening' }
  | { readonly kind: 'advert'; readonly epochMs: number; readonly advert: Advert }
  /** The sender's own link address, as it wants to be called from now on. */
  | { readonly kind: 'gratuitous'; readonly epochMs: number; readonly linkAddress: string }
  /** The last word of a capture: packets that the kernel could not keep for it. */
  | { readonly kind: 'dropped'; readonly packets: number };

type Advert = Pick<VrrpAdvert, 'source' | 'virtualRouterId' | 'priority' | 'advertIntervalS'>;

// tcpdump 4.99, print-ether.c: "1795425867.862890 02:42:0a:0a:66:5b > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: …"
const FRAME = /^(\d+\.\d+) ([0-9a-f:]{17}) > [0-9a-f:]{17}, ethertype (IPv4|ARP) [^:]*: (.*)$/;
// print-vrrp.c: seconds in version 2, hundredths of a second ("cs") in version 3. An advert that came through a router
// says "(ttl 254)" before its id: VRRP's receivers discard it (RFC 5798 section 7.1), so it is none.
const ADVERT =
  /^(\d+\.\d+\.\d+\.\d+) > \S+: VRRPv[23], Advertisement, vrid (\d+), prio (\d+), .*intvl (\d+)(c?)s\b/;
// print-arp.c; keepalived sends requests to the broadcast address, other programs replies.
const ARP_REQUEST =
  /^(?:Ethernet \(len 6\), IPv4 \(len 4\), )?Request who-has (\S+?)(?: \(\S+\))? tell (\S+), /;
const ARP_REPLY = /^(?:Ethernet \(len 6\), IPv4 \(len 4\), )?Reply (\S+) is-at ([0-9a-f:]{17}), /;
const LISTENING = /^(?:tcpdump: )?listening on /;
const DROPPED = /^(\d+) packets? dropped by kernel/;

/**
 * The filter behind the lines: adverts, and ARP whose sender and target address are both the VIP (RFC 5227 section 3).
 * A reply's target is not printed, so that only the filter can tell a gratuitous one from an answer.
 */
export function wireFilter(vip: string): string {
  const octets = vip.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const address = `0x${octets.join('')}`;
  return `vrrp or (arp[14:4] = ${address} and arp[24:4] = ${address})`;
}

/** @returns undefined for a line that says nothing about the VIP */
export function parseWireLine(line: string, vip: string): WireLine | undefined {
  const [, epochS, link = '', ethertype, payload = ''] = FRAME.exec(line) ?? [];
  if (epochS === undefined) return parseRemark(line);
  const epochMs = Number(epochS) * 1000;
  if (ethertype === 'IPv4') return parseAdvert(payload, epochMs);
  const [, wanted, asking] = ARP_REQUEST.exec(payload) ?? [];
  if (wanted === vip && asking === vip) return { kind: 'gratuitous', epochMs, linkAddress: link };
  const [, told, linkAddress = ''] = ARP_REPLY.exec(payload) ?? [];
  return told === vip ? { kind: 'gratuitous', epochMs, linkAddress } : undefined;
}

function parseAdvert(payload: string, epochMs: number): WireLine | undefined {
  const [, source, id, priority, interval, centi] = ADVERT.exec(payload) ?? [];
  if (source === undefined) return undefined;
  const advertIntervalS = Number(interval) / (centi === 'c' ? 100 : 1);
  const advert = { source, virtualRouterId: Number(id), priority: Number(priority), advertIntervalS };
  return { kind: 'advert', epochMs, advert };
}

function parseRemark(line: string): WireLine | undefined {
  if (LISTENING.test(line)) return { kind: 'listening' };
  const dropped = DROPPED.exec(line);
  return dropped ? { kind: 'dropped', packets: Number(dropped[1]) } : undefined;
}
