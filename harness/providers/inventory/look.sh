# Whether a cluster can be made on this host: a line for each thing that is in the way, none when it can. Changes nothing.
# Told before: name address etcd_data programs images version vip; no version: Kubernetes is yet to be installed, any may be there.

if [ "$(id -u)" != 0 ]; then
  echo "commands run as $(id -un), not as root: say ssh: { sudo: true }"
  exit 0
fi
[ "$(hostname)" = "$name" ] || echo "it calls itself $(hostname): hostnamectl set-hostname $name"
device=$(ip -4 -oneline address show to "$address/32" | awk '{ print $2; exit }')
[ -n "$device" ] || echo "it has no address $address, but $(echo $(ip -4 -oneline address show scope global | awk '{ print $4 }'))"
[ -d /run/systemd/system ] || echo 'it does not run systemd'

missing=
for program in $programs; do command -v "$program" > /dev/null || missing="$missing $program"; done
[ -z "$missing" ] || echo "these programs are missing:$missing"
if [ -n "$version" ] && command -v kubeadm > /dev/null; then
  there=$(kubeadm version --output short 2> /dev/null)
  [ "$there" = "$version" ] || echo "its kubeadm is ${there:-broken}, not $version"
fi
if [ -n "$version" ] && command -v ctr > /dev/null; then
  if known=$(ctr --namespace k8s.io images ls -q 2> /dev/null); then
    missing=
    for image in $images; do echo "$known" | grep -qxF "$image" || missing="$missing $image"; done
    [ -z "$missing" ] || echo "containerd has not these images:$missing (ctr --namespace k8s.io images import)"
    running=$(ctr --namespace k8s.io containers ls -q 2> /dev/null | wc -l)
    [ "$running" = 0 ] || echo "containerd has $running containers in its namespace k8s.io already"
  else
    echo 'containerd does not answer: systemctl start containerd'
  fi
fi

if [ -e /var/lib/holdfast/before ]; then
  echo 'holdfast has made a cluster here before: holdfast down, on the machine it was made from, or as root here: sh /var/lib/holdfast/before/bare-again.sh'
  exit 0
fi
for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf $etcd_data; do
  [ ! -e "$path" ] || [ -z "$(ls -A "$path")" ] || echo "it is a member of a cluster already: $path is there"
done
for unit in etcd keepalived; do
  ! systemctl --quiet is-active $unit || echo "$unit runs there already: systemctl disable --now $unit"
done
networks=$(ls /etc/cni/net.d 2> /dev/null | grep -E '\.(conf|conflist|json)$')
[ -z "$networks" ] || echo "it has a network for pods already: $(echo $networks) in /etc/cni/net.d"
if [ -n "$vip" ] && [ -n "$device" ] && command -v arping > /dev/null; then
  # As a host does that is about to take an address (RFC 5227): answered means that somebody has it.
  arping -q -D -c 2 -w 1 -I "$device" "$vip" || echo "somebody on its network has the VIP $vip already"
fi
exit 0
