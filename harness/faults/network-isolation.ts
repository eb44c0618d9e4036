// All that passes a host's interface is lost, in one direction or both, and the host does not notice.
import { clearQueue, layQueue, queueRehearsal } from './network-queues.ts';
import {
  clearArpDrops,
  clearDrops,
  findDevice,
  layArpDrops,
  layDrops,
  type Drop,
  type Way,
} from './network-rules.ts';
import { FIND_OWN_CONNECTION } from './own-connection.ts';

/** Shell. */
interface Isolation {
  /** Sets what `lay` needs. */
  readonly prepare: string;
  readonly lay: string;
  /** Idempotent. */
  readonly clear: string;
}

/**
 * Keepalived sends its gratuitous ARP past all rules of ARP and of IP (it is a packet socket), and so a standby that is cut
 * off would go on drawing the clients of the VIP to itself. The queue of the interface is what nothing gets around.
 * @param address the host's own
 */
export function isolation(id: string, address: string, ways: readonly Way[]): Isolation {
  const drops = ways.map((way): Drop => ({ way, match: `${way === 'in' ? '-i' : '-o'} $device` }));
  return {
    prepare: `${findDevice(address)}\n${FIND_OWN_CONNECTION}`,
    lay: [
      ...(ways.includes('out') ? [layQueue(id, DROPS_ALL)] : []),
      layArpDrops(id, drops),
      layDrops(id, drops),
    ].join('\n'),
    clear: [clearDrops(id), clearArpDrops(id), clearQueue(id)].join('\n'),
  };
}

const DROPS_ALL = 'pfifo limit 0';

/** Shell for `refusalOf`. */
export function isolationRehearsal(ways: readonly Way[]): string {
  return `arptables -A INPUT -i lo -j DROP
iptables -t mangle -A INPUT -i lo -j DROP
iptables-save -c -t mangle > /dev/null
arptables-save -c > /dev/null
${ways.includes('out') ? queueRehearsal(DROPS_ALL) : ''}`;
}
