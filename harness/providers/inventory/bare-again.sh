#!/bin/sh
# Ends the cluster on this host and makes the host what it was before: holdfast down runs it, or anybody as root. Takes away
# what is the cluster's, by name, and nothing else. Idempotent; what goes wrong is told, and it can be run again.
here=/var/lib/holdfast/before
[ -e $here ] || { rm -rf $here.new && rmdir /var/lib/holdfast 2> /dev/null; exit 0; }
. $here/plan
problems=0
problem() { echo "$*" >&2; problems=1; }
quietly() { "$@" > /dev/null 2>&1; }

# Commands of a holdfast that was killed: what they are about to do would come after what is done here.
for file in $(grep -lsz '^HOLDFAST_EXEC=' /proc/[0-9]*/environ); do
  grep -qsxz "HOLDFAST_EXEC=$HOLDFAST_EXEC" "$file" || { pid=${file#/proc/} && quietly kill -9 "${pid%/environ}"; }
done

# Faults that still stand.
for undo in $(ls -t /var/lib/holdfast/undo/*.sh 2> /dev/null); do
  sh "$undo" > /dev/null || problem "$undo has failed"
done

for unit in holdfast-guard keepalived kubelet etcd; do quietly systemctl disable --now --quiet $unit; done
# Bound by hand before keepalived took it over.
device=$(ip -4 -oneline address show to "$vip/32" | awk '{ print $2; exit }')
[ -z "$device" ] || ip address del "$(ip -4 -oneline address show to "$vip/32" | awk '{ print $4; exit }')" dev "$device" || problem "the VIP $vip stays"

for task in $(ctr --namespace k8s.io tasks ls -q); do quietly ctr --namespace k8s.io tasks rm --force "$task"; done
for container in $(ctr --namespace k8s.io containers ls -q); do
  quietly ctr --namespace k8s.io containers rm "$container" || problem "container $container stays"
done
# Where Docker ran them (v1.4.5), by the names that kubelet gave.
if command -v docker > /dev/null; then
  for container in $(docker ps --all --quiet --filter name=k8s_ 2> /dev/null); do quietly docker rm --force "$container"; done
fi
# What held them ends by itself, or is held up; nothing but the cluster was in this namespace.
for tenth in $(seq 50); do pgrep -f 'containerd-shim.* -namespace k8s.io ' > /dev/null || break; sleep 0.1; done
quietly pkill -9 -f 'containerd-shim.* -namespace k8s.io '
awk '$2 ~ "^/(var/lib/kubelet|run/containerd/io.containerd.grpc.v1.cri)/" { print $2 }' /proc/mounts | sort -r | xargs -r umount ||
  problem 'a volume of a pod stays mounted'

# The routes to other hosts' pods are those that the unit has laid; no others.
routes=/etc/systemd/system/holdfast-pod-routes.service
if [ -e $routes ]; then
  quietly systemctl disable --now --quiet holdfast-pod-routes
  sed -n 's/^ExecStart=.*route replace //p' $routes | while read -r route; do quietly ip route del $route; done
fi
quietly ip link del cni0
for namespace in $(ls /run/netns 2> /dev/null | grep ^cni-); do quietly ip netns del "$namespace"; done
for family in iptables ip6tables; do
  rules=$($family-save --counters 2> /dev/null) || continue
  echo "$rules" | grep -Eq 'KUBE-|CNI-' || continue
  echo "$rules" | grep -Ev 'KUBE-|CNI-' | $family-restore --counters || problem "$family: chains of the cluster stay"
done
for network in "$pod_network" "$service_network"; do
  for side in src dst; do quietly conntrack --delete "--orig-$side" "$network"; done
done

xargs -r rm -rf < $here/written || problem 'files of the cluster stay'
rm -rf /run/kubeadm.yaml /run/cni-addresses /run/holdfast-guard.stopped
rm -rf /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/* /var/lib/containerd/io.containerd.grpc.v1.cri/containers/*
tar -C / --xattrs -xf $here/files.tar || problem 'what was there could not be put back'
while read -r setting value; do
  [ "$(cat "/proc/sys/$setting")" = "$value" ] || echo "$value" > "/proc/sys/$setting" || problem "$setting is not $value again"
done < $here/settings

systemctl daemon-reload
while read -r unit enabled active; do
  case $enabled in enabled) systemctl enable --quiet "$unit" || problem "$unit is not enabled again" ;; esac
  quietly systemctl reset-failed "$unit"
  # containerd forgets the pods that were taken from it; others may have been given another configuration.
  case $active in active | activating) systemctl restart "$unit" || problem "$unit does not run again" ;; esac
done < $here/units
[ $problems = 0 ] || exit 1
rm -rf $here
rmdir /var/lib/holdfast/undo /var/lib/holdfast 2> /dev/null
exit 0
