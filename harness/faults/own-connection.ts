// The connection by which a shell of ours came to a host, where that was over SSH. A fault of the network on that host lets it
// through: a host that cannot be asked bears no witness, and is not healed before its limit. It is found on the host itself, at
// the moment of the deed: TCP between the client's address and sshd's port, and ARP between the host and its next hop that way.

/**
 * Shell: sets $ssh_client, $ssh_server, $ssh_port, $ssh_hop (IPv4) and $ssh_device. All are empty where the shell came by
 * `docker exec` or by the loopback interface. sudo takes sshd's variable away from its command, so the ancestors are asked too.
 * Of a connection over IPv6 only the interface is told: no rule of ours takes that.
 */
export const FIND_OWN_CONNECTION = `# The SSH connection by which this came; it is let through.
ssh_client='' ssh_server='' ssh_port='' ssh_hop='' ssh_device='' ssh_found='' ancestor=$$
while [ -z "$ssh_found" ] && [ "\${ancestor:-0}" -gt 1 ]; do
  ssh_found=$(tr '\\0' '\\n' 2> /dev/null < "/proc/$ancestor/environ" | sed -n 's/^SSH_CONNECTION=//p')
  ancestor=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$ancestor/status")
done
if [ -n "$ssh_found" ]; then
  set -- $ssh_found
  case $1 in *:*) from='' ;; *) from="from $3" ;; esac
  ssh_route=$(ip route get "\${1%%%*}" $from 2> /dev/null | head -n 1)
  ssh_device=$(echo "$ssh_route" | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
  if [ "$ssh_device" = lo ]; then ssh_device=''
  elif [ -n "$from" ]; then
    ssh_client=$1 ssh_server=$3 ssh_port=$4
    ssh_hop=$(echo "$ssh_route" | sed -n 's/.* via \\([^ ]*\\).*/\\1/p')
    ssh_hop=\${ssh_hop:-$ssh_client}
  fi
fi`;

/** What to do about a connection that cannot be let through. */
export const USE_MANAGEMENT_NETWORK =
  'reach it by an address of another network (host: of its ssh: in the inventory)';

const PARTS = ['ssh_client', 'ssh_server', 'ssh_port', 'ssh_hop', 'ssh_device'];

/** The names of the variables, for export. */
export const OWN_CONNECTION_PARTS = PARTS.join(' ');

/** What was found, to be expanded in a here-document: for a process that no connection leads to. */
export const OWN_CONNECTION_AS_FOUND = PARTS.map((part) => `${part}='$${part}'`).join(' ');

/** A line for iptables-restore in a here-document; empty where there is nothing to be let through. */
export function spareInRules(chain: string, way: 'in' | 'out'): string {
  const ends =
    way === 'in'
      ? '-s $ssh_client -d $ssh_server -p tcp --dport $ssh_port'
      : '-s $ssh_server -d $ssh_client -p tcp --sport $ssh_port';
  return `\${ssh_client:+-A ${chain} ${ends} -j RETURN}`;
}

/** Shell. Who has the VIP is neither asked nor told by it. */
export function spareInArp(chain: string, way: 'in' | 'out'): string {
  const ends = way === 'in' ? '-s "$ssh_hop" -d "$ssh_server"' : '-s "$ssh_server" -d "$ssh_hop"';
  return `[ -z "\${ssh_client:-}" ] || arptables -A ${chain} ${ends} -j RETURN`;
}

/**
 * Shell that does one of two things with what passes $device: `shared` where SSH does not come by it,
 * `apart` where it does. It fails, before it did anything, where SSH comes by it over IPv6.
 */
export function whereItGoes({ apart, shared }: { readonly apart: string; readonly shared: string }): string {
  return `if [ -z "\${ssh_device:-}" ] || [ "$ssh_device" != "$device" ]; then
${shared}
elif [ -z "$ssh_client" ]; then
  echo "SSH comes by $device over IPv6 and cannot be let through: ${USE_MANAGEMENT_NETWORK}" >&2
  exit 1
else
${apart}
fi`;
}

/** Shell: filters of a classful queueing discipline on $device that put the connection, and its ARP, into a class of it. */
export function spareInQueue(handle: string, classId: string): string {
  const add = `tc filter add dev "$device" parent ${handle}:`;
  const tcp =
    'match ip protocol 6 0xff match ip src "$ssh_server/32" match ip dst "$ssh_client/32" match ip sport "$ssh_port" 0xffff';
  // RFC 826, for Ethernet and IPv4: the sender's address is at 14, which u32 matches by halves, the target's at 24.
  const arp =
    'match u16 "0x$1$2" 0xffff at 14 match u16 "0x$3$4" 0xffff at 16 match u32 "0x$5$6$7$8" 0xffffffff at 24';
  return `set -- $(printf '%02x ' $(echo "$ssh_server.$ssh_hop" | tr . ' '))
${add} protocol ip prio 1 u32 ${tcp} flowid ${classId}
${add} protocol arp prio 2 u32 ${arp} flowid ${classId}`;
}
