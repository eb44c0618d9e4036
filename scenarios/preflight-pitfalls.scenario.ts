// The seed's chapter 3.3.2: what kubeadm stumbles over on a host that is not as new, and what the seed does about it.
import { rehearsePitfalls, scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'kubeadm tells each of the pitfalls of the seed before it touches anything (files in /etc/kubernetes and /var/lib/etcd, a ' +
    "port in use), and the seed's way to clear each makes it pass.",
  faultless: true,
  needs: ['own build'],
  checks: ['demands-kept', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  besides: [
    "kubeadm's checks run on a standby master, in namespaces of their own in which the pitfalls are laid",
  ],
  async body({ cluster, demand, hosts, observe }) {
    const [master = ''] = await hosts('standby');
    await observe(1_000);
    for (const { what, check, errors } of await rehearsePitfalls(cluster.lab.host(master))) {
      const says = (moment: keyof typeof errors, wanted: boolean): (() => Promise<string | undefined>) => {
        const found = errors[moment].includes(check);
        return () =>
          Promise.resolve(found === wanted ? undefined : `errors: ${errors[moment].join(', ') || 'none'}`);
      };
      await demand(`${check} is no error on a host as new`, 0, says('before', false));
      await demand(`${check} is an error where ${what}`, 0, says('laid', true));
      await demand(`${check} is none when that is cleared`, 0, says('cleared', false));
    }
  },
});
