// SSH hosts as tests open them: all closed when the test is over.
import { afterEach } from 'vitest';
import { SshHost } from '../../harness/hosts/ssh.ts';
import { SshConnections } from '../../harness/hosts/ssh/connections.ts';
import type { SshTarget } from '../../harness/hosts/ssh/target.ts';

export function sshHost(target: SshTarget, jump?: SshConnections): SshHost {
  return new SshHost({ address: '127.0.0.1', connections: new SshConnections(target, jump) });
}

/** To be called in a suite. */
export function openedHosts(): (target: SshTarget, jump?: SshConnections) => SshHost {
  const opened: SshHost[] = [];
  afterEach(() => opened.splice(0).forEach((host) => host.close()));
  return (target, jump) => {
    const host = sshHost(target, jump);
    opened.push(host);
    return host;
  };
}
