// Chapter 3.3.1: names, packages, docker, images, kubelet.
import { V1_4_5_BUNDLE } from '../bundle.ts';
import { BUNDLE_FILES, IMAGE_FOLDER, RPM_FOLDER } from '../names.ts';
import { command, type Row } from '../row.ts';

const RPMS_FILE = BUNDLE_FILES.rpms.pattern;
const DOCKER_FILE = BUNDLE_FILES.docker.pattern;
const IMAGES_FILE = BUNDLE_FILES.images.pattern;
const PACKAGES = 'socat kubelet kubeadm kubectl kubernetes-cni';

const REPOSITORY = `cat <<EOF> /etc/yum.repos.d/k8s.repo
[kubelet]
name=kubelet
baseurl=http://files.rm-rf.ca/rpms/kubelet/
enabled=1
gpgcheck=0
EOF`;

const DOCKER_REPOSITORY = `tee /etc/yum.repos.d/docker.repo <<-'EOF'
[dockerrepo]
name=Docker Repository
baseurl=https://yum.dockerproject.org/repo/main/centos/7/
enabled=1
gpgcheck=1
gpgkey=https://yum.dockerproject.org/gpg
EOF`;

const LOAD = `tars=(etcd-amd64.tar exechealthz-amd64.tar  kube-discovery-amd64.tar kubedns-amd64.tar kube-dnsmasq-amd64.tar kube-proxy-amd64.tar  pause-amd64.tar kube-apiserver-amd64.tar kube-controller-manager-amd64.tar kube-scheduler-amd64.tar kubernetes-dashboard-amd64.tar)
for tar in \${tars[@]} ; do
  docker load -i $tar
done`;

const NAMES: readonly Row[] = [
  {
    id: 'host-names',
    chapter: '3.3.1',
    seed: [
      'hostnamectl --static set-hostname  10-10-102-91.master',
      'hostnamectl --static set-hostname  10-10-102-92.master',
      'hostnamectl --static set-hostname  10-10-102-93.master',
      'hostnamectl --static set-hostname  10-10-103-96.node',
      'hostnamectl --static set-hostname  10-10-103-97.node',
    ],
    on: 'every host',
    fate: 'as-written',
    deeds: [
      command('hostnamectl --static set-hostname  {{host}}', { unless: 'test "$(hostname)" = {{host}}' }),
    ],
  },
  {
    id: 'hosts-file',
    chapter: '3.3.1',
    seed: [
      `echo '10.10.102.91 10-10-102-91.master
10.10.102.92 10-10-102-92.master
10.10.102.93 10-10-102-93.master
10.10.103.96 10-10-103-96.node
10.10.103.97 10-10-103-97.node'>> /etc/hosts`,
    ],
    on: 'every host',
    fate: 'as-written',
    deeds: [
      command(`echo '{{hostsLines}}'>> /etc/hosts`, {
        unless: `grep -qxF '{{address}} {{host}}' /etc/hosts`,
      }),
    ],
  },
  {
    id: 'hosts-file-anew',
    chapter: '3.3.1',
    seed: ['vi /etc/hosts'],
    on: 'every host',
    fate: 'alternative',
    deeds: [],
    finding:
      "The file that it shows has no line for localhost, and gives the host's own name two addresses of which 127.0.0.1 is the first: what looks itself up would listen there.",
    note: 'The first way, echo, is gone.',
  },
];

const RPMS: readonly Row[] = [
  {
    id: 'kubernetes-repository',
    chapter: '3.3.1',
    seed: [REPOSITORY],
    on: 'every host',
    fate: 'as-written',
    when: { packages: 'repositories' },
    deeds: [command(REPOSITORY)],
    finding: "Packages are taken from a private person's server over plain HTTP, unsigned.",
  },
  {
    id: 'kubernetes-install',
    chapter: '3.3.1',
    seed: ['yum makecache', 'yum install -y socat kubelet kubeadm kubectl kubernetes-cni'],
    on: 'every host',
    fate: 'as-written',
    when: { packages: 'repositories' },
    deeds: [
      command('yum makecache', { timeoutS: 300 }),
      command(`yum install -y ${PACKAGES}`, { unless: `rpm -q ${PACKAGES}`, timeoutS: 600 }),
    ],
  },
  {
    id: 'kubernetes-bring',
    chapter: '3.3.1',
    seed: [`scp ${RPMS_FILE} root@10.10.102.91:/root/`],
    on: 'every host',
    fate: 'replaced',
    when: { packages: 'rpms' },
    recommended: true,
    deeds: [{ kind: 'bring', from: 'rpms', to: '/root' }],
    note: 'Carried by holdfast, by the way it reaches its hosts.',
  },
  {
    id: 'kubernetes-localinstall',
    chapter: '3.3.1',
    seed: [`cd ${RPM_FOLDER}`, 'yum localinstall *.rpm -y'],
    on: 'every host',
    fate: 'as-written',
    when: { packages: 'rpms' },
    recommended: true,
    deeds: [
      command(`cd ~\ntar zxvf ${RPMS_FILE}\ncd ${RPM_FOLDER}\nyum localinstall *.rpm -y`, {
        unless: `rpm -q ${PACKAGES}`,
        timeoutS: 600,
      }),
    ],
    note: 'Unpacked before, which the seed forgets.',
  },
];

const DOCKER: readonly Row[] = [
  {
    id: 'docker-repository',
    chapter: '3.3.1',
    seed: [DOCKER_REPOSITORY],
    on: 'every host',
    fate: 'as-written',
    when: { packages: 'repositories' },
    deeds: [command(DOCKER_REPOSITORY)],
  },
  {
    id: 'docker-install',
    chapter: '3.3.1',
    seed: ['yum install docker-engine -y'],
    on: 'every host',
    fate: 'as-written',
    when: { packages: 'repositories' },
    deeds: [command('yum install docker-engine -y', { unless: 'rpm -q docker-engine', timeoutS: 600 })],
    finding: 'This takes the newest version there is, which need not be the 1.12.4 of the other way.',
  },
  {
    id: 'docker-bring',
    chapter: '3.3.1',
    seed: [`scp ${DOCKER_FILE}  root@10.10.102.91:/root/`],
    on: 'every host',
    fate: 'replaced',
    when: { packages: 'rpms' },
    recommended: true,
    deeds: [{ kind: 'bring', from: 'docker', to: '/root' }],
    note: 'Carried by holdfast, by the way it reaches its hosts.',
  },
  {
    id: 'docker-selinux',
    chapter: '3.3.1',
    seed: [],
    on: 'every host',
    fate: 'added',
    when: { packages: 'rpms' },
    deeds: [
      { kind: 'bring', from: 'docker-selinux', to: '/root' },
      command('cd ~\nyum localinstall docker-engine-selinux-*.rpm -y', {
        unless: 'rpm -q docker-engine-selinux || ! ls ~/docker-engine-selinux-*.rpm',
        timeoutS: 300,
      }),
    ],
    note: 'docker-engine requires it, of which the seed says nothing: from the bundle if it is there, else yum takes it from a repository.',
  },
  {
    id: 'docker-localinstall',
    chapter: '3.3.1',
    seed: ['cd ~', `yum localinstall ${DOCKER_FILE} -y`],
    on: 'every host',
    fate: 'as-written',
    when: { packages: 'rpms' },
    recommended: true,
    deeds: [
      command(`cd ~\nyum localinstall ${DOCKER_FILE} -y`, {
        unless: 'rpm -q docker-engine',
        timeoutS: 600,
      }),
    ],
  },
  {
    id: 'docker-start',
    chapter: '3.3.1',
    seed: ['systemctl enable docker', 'systemctl start docker', 'systemctl status docker'],
    on: 'every host',
    fate: 'as-written',
    deeds: [
      command('systemctl enable docker'),
      command('systemctl start docker', { timeoutS: 120 }),
      command('systemctl status docker', { expect: 'Active: active \\(running\\)' }),
    ],
  },
];

const IMAGES: readonly Row[] = [
  {
    id: 'images-unpack',
    chapter: '3.3.1',
    seed: [`tar zcvf ${IMAGES_FILE} ${IMAGE_FOLDER}/`],
    on: 'every host',
    fate: 'mended',
    deeds: [
      { kind: 'bring', from: 'images', to: '/root' },
      command(`cd ~\ntar zxvf ${IMAGES_FILE} ${IMAGE_FOLDER}/`, {
        unless: `test -e ~/${IMAGE_FOLDER}/${V1_4_5_BUNDLE.images.at(-1)?.file ?? ''}`,
        timeoutS: 600,
      }),
    ],
    finding: '"zcvf" makes an archive where one is to be unpacked: "zxvf".',
    note: 'Brought before, which the seed forgets.',
  },
  {
    id: 'images-load',
    chapter: '3.3.1',
    seed: [`cd ${IMAGE_FOLDER}`, LOAD],
    on: 'every host',
    fate: 'as-written',
    deeds: [command(`cd ~\ncd ${IMAGE_FOLDER}\n${LOAD}`, { timeoutS: 900 })],
    note: 'Eleven images. Loaded again they are the same.',
  },
  {
    id: 'kubelet-start',
    chapter: '3.3.1',
    seed: ['systemctl enable kubelet', 'systemctl start kubelet'],
    on: 'every host',
    fate: 'as-written',
    deeds: [command('systemctl enable kubelet'), command('systemctl start kubelet')],
  },
];

export const PREPARATION_ROWS: readonly Row[] = [...NAMES, ...RPMS, ...DOCKER, ...IMAGES];
