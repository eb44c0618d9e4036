// The plan for v1.4.5 as a person reads it: host by host, each line with the chapter that it comes from.
import { shellQuote } from '../core/host.ts';
import type { ShownDeed, ShownPlan } from '../profiles/v1.4.5/by-host.ts';

export interface PlanHead {
  readonly profile: string;
  readonly topology: string;
  /** Of the bundle that was said; absent: none was. */
  readonly bundle?: string;
}

export function renderSeedPlan({ profile, topology, bundle }: PlanHead, plan: ShownPlan): string {
  const from = bundle === undefined ? 'no bundle was said (--bundle)' : `bundle ${bundle}`;
  const head = `dry run of ${profile} on ${topology}, ${from}: nothing is touched
each line: chapter of the seed, row of docs/seed-v1.4.5.md, what is done; each row on all its hosts before the next\n`;
  const hosts = plan.hosts.map(
    ({ name, address, deeds, repairs }) =>
      `\n${name} (${address})\n${deeds.map(line).join('')}${
        repairs.length === 0 ? '' : `  only where the seed's error shows:\n${repairs.map(line).join('')}`
      }`,
  );
  const notDone = plan.notDone.map(
    ({ chapter, id, seed, note, finding }) =>
      `  ${chapter} ${id}: ${seed.length === 0 ? '' : `${seed.map(oneLine).join('; ')}: `}${note ?? finding ?? ''}\n`,
  );
  const findings = plan.findings.map(({ chapter, row, finding }) => `  ${chapter} ${row}: ${finding}\n`);
  return [head, ...hosts, '\nnot done\n', ...notDone, '\nfound wrong in the seed\n', ...findings].join('');
}

function line(deed: ShownDeed): string {
  const place = `${deed.chapter} ${deed.row}`;
  return inWords(deed)
    .split('\n')
    .map((text, index) => `  ${index === 0 ? place.padEnd(34) : ' '.repeat(34)} ${text}\n`)
    .join('');
}

function inWords(deed: ShownDeed): string {
  switch (deed.kind) {
    case 'command':
      return `${deed.unless === undefined ? '' : `unless ${deed.unless}:\n`}${deed.command}`;
    case 'write':
      return `write ${deed.path}:\n${deed.content.trimEnd()}`;
    case 'edit':
      return `edit ${deed.path} (${deed.edit})`;
    case 'bring':
      return `bring ${deed.files} to ${deed.to}${deed.optional ? ', if there is any' : ''}`;
    case 'hand-over':
      return `carry ${shellQuote([deed.path])} here from ${deed.from}`;
  }
}

function oneLine(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return rest.length === 0 ? first : `${first} …`;
}
