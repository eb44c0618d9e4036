// How a host tells its clocks: a small program that answers every line on its standard input with one line of readings,
// "<CLOCK_MONOTONIC before> <wall clock> <CLOCK_MONOTONIC after>", all in nanoseconds. It needs nothing to be installed.
import type { Resolution } from '../../core/clock-offset.ts';

/** From the best to the last resort: the first that the host can do is taken. */
export const CLOCK_WAYS = ['perl', 'python', 'node', 'timer_list', 'uptime'] as const;
export type ClockWay = (typeof CLOCK_WAYS)[number];

const EXACT = { monotonicNs: 1n, wallNs: 1n };
const MICROSECOND = { monotonicNs: 1_000n, wallNs: 1_000n };

/**
 * uptime counts in hundredths of a second, and the time in which the host was suspended, which CLOCK_MONOTONIC does not:
 * right for the wall clock all the same, as that is translated by how far it is ahead of the same count.
 */
export const RESOLUTIONS: Readonly<Record<ClockWay, Resolution>> = {
  perl: EXACT,
  python: MICROSECOND,
  node: { monotonicNs: 1n, wallNs: 1_000_000n },
  timer_list: EXACT,
  uptime: { monotonicNs: 10_000_000n, wallNs: 1n },
};

/**
 * clock_gettime(2) by its number, as Debian's perl-base has no module for it. Not believed unless its wall clock is the
 * one that perl itself knows: the number is another on another architecture.
 */
const PERL = `my $call = shift; $| = 1;
sub now { my $t = pack("q2", 0, 0); syscall($call, shift, $t) == 0 or exit 1; my ($s, $n) = unpack("q2", $t); return $s * 1000000000 + $n }
exit 1 if abs(now(0) / 1000000000 - time()) > 2;
if (@ARGV) { exit 0 }
while (defined(my $line = <STDIN>)) { my $before = now(1); my $wall = now(0); my $after = now(1); print "$before $wall $after\\n" }`;

const PYTHON = `import sys, time
def now(clock): return int(time.clock_gettime(clock) * 1000000) * 1000
now(time.CLOCK_MONOTONIC)
if len(sys.argv) > 1: sys.exit(0)
while sys.stdin.readline():
    before = now(time.CLOCK_MONOTONIC); wall = now(time.CLOCK_REALTIME); after = now(time.CLOCK_MONOTONIC)
    sys.stdout.write("%d %d %d\\n" % (before, wall, after)); sys.stdout.flush()`;

const NODE = `const now = () => process.hrtime.bigint();
require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
  const before = now(); const wall = Date.now(); const after = now();
  process.stdout.write(before + ' ' + wall + '000000 ' + after + '\\n');
});`;

/**
 * First who the host is, then, once a line is read, the way that was found, then the answers. A program ends with its
 * standard input, so that nothing is left behind when the harness is killed.
 *
 * - kernel: boot id, time namespace, start of process 1 (proc(5): stat, field 22): a container's life is not its kernel's.
 * - timer_list: the kernel's own count, to which a time namespace adds its offset (time_namespaces(7)).
 * - Without a date of nanoseconds (%N) a shell has no wall clock that is good enough.
 */
const SCRIPT = `
life=$(sed 's/.*) //' /proc/1/stat 2>/dev/null | cut -d ' ' -f 20)
echo "kernel $(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo -) $(readlink /proc/self/ns/time || echo -) \${life:--}"
read -r _ || exit 0

call=
case $(uname -m) in
  x86_64) call=228 ;;
  aarch64 | riscv64) call=113 ;;
  ppc64le) call=246 ;;
  s390x) call=260 ;;
esac
shift_s=0 shift_ns=0
while read -r clock s ns _; do
  if [ "$clock" = monotonic ]; then shift_s=$s shift_ns=$ns; fi
done 2>/dev/null < /proc/self/timens_offsets

timer_list() {
  now=
  while read -r first second third _; do
    if [ "$first $second" = 'now at' ]; then now=$((third + shift_s * 1000000000 + shift_ns)); break; fi
  done < /proc/timer_list
}
uptime() {
  read -r now _ < /proc/uptime
  now="\${now%.*}\${now#*.}0000000"
}
answer() {
  echo "way $1"
  while read -r _; do
    $1; before=$now
    wall=$(date +%s%N)
    $1; echo "$before $wall $now"
  done
  exit 0
}
has_date() { case $(date +%s%N) in *[!0-9]*) return 1 ;; ??????????????????*) return 0 ;; *) return 1 ;; esac; }

for way in $1; do
  case $way in
    perl)
      if [ -n "$call" ] && perl -e "$2" "$call" test 2>/dev/null; then echo 'way perl'; exec perl -e "$2" "$call"; fi ;;
    python)
      for python in python3 /usr/libexec/platform-python; do
        if "$python" -c "$3" test 2>/dev/null; then echo 'way python'; exec "$python" -c "$3"; fi
      done ;;
    node)
      if node -e 'process.hrtime.bigint()' 2>/dev/null; then echo 'way node'; exec node -e "$4"; fi ;;
    timer_list)
      if has_date && [ -r /proc/timer_list ] && timer_list 2>/dev/null && [ -n "$now" ]; then answer timer_list; fi ;;
    uptime)
      if has_date && [ -r /proc/uptime ]; then answer uptime; fi ;;
  esac
done
echo 'way none'
`;

export function clockCommand(ways: readonly ClockWay[]): readonly string[] {
  return ['sh', '-c', SCRIPT, 'sh', ways.join(' '), PERL, PYTHON, NODE];
}
