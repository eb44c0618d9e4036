// What sudo says when it does not run a command, as against a command that fails and happens to end with 1.
import { expect, test } from 'vitest';
import { isSudoRefusal } from './errors.ts';

test.each([
  'sudo: a password is required\n',
  'sudo: a terminal is required to read the password; either use the -S option …\n',
  'sudo: sorry, you must have a tty to run sudo\n',
  "Sorry, user ops is not allowed to execute '/usr/bin/env' as root on cp-a.\n",
  'ops is not in the sudoers file.  This incident will be reported.\n',
  'sudo: unable to open /etc/sudoers: Permission denied\n',
])('%s', (said) => expect(isSudoRefusal(said)).toBe(true));

test.each(['', 'grep: no such file\n', 'sudo: unable to resolve host cp-a: Name or service not known\n'])(
  'not sudo’s: %s',
  (said) => expect(isSudoRefusal(said)).toBe(false),
);
