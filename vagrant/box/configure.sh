# Runs inside the box's root file system while it is made.
set -eu
useradd --create-home --shell /bin/bash vagrant
install -d -m 0700 -o vagrant -g vagrant /home/vagrant/.ssh
install -m 0600 -o vagrant -g vagrant /run/vagrant.pub /home/vagrant/.ssh/authorized_keys
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/vagrant
chmod 0440 /etc/sudoers.d/vagrant
echo localhost > /etc/hostname
printf '127.0.0.1 localhost\n' > /etc/hosts
rm -f /etc/ssh/ssh_host_*
: > /etc/machine-id
# Whoever makes a cluster starts these, with a configuration of their own.
systemctl disable --quiet keepalived etcd
# Nothing that wakes up by itself on a machine which is measured, or would lengthen an emulated boot.
systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
  dpkg-db-backup.timer systemd-tmpfiles-clean.timer
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log /var/log/apt
