// The rows as a table for docs/seed-v1.4.5.md: what the seed says, and what becomes of it.
import { CHOICES, type Choices, type Deed, type Fate, type Row } from './row.ts';
import { BUNDLE_FILES } from './names.ts';
import { ROWS } from './rows.ts';

const FATES: Readonly<Record<Fate, string>> = {
  'as-written': 'as written',
  mended: 'mended',
  replaced: 'replaced',
  alternative: 'the other way is gone',
  repair: 'where its error shows',
  'not-run': 'not run',
  added: 'added',
};

/** Chapters of the seed that have no number. */
const TITLES: Readonly<Record<string, string>> = {
  其他的一些设置: 'other settings',
  etcd排错: 'etcd troubles',
  keepalived日志重定向: 'keepalived log',
  master节点集群的运维: 'operating',
  可用性测试: 'availability test',
};

export function seedTable(): string {
  const head = '| chapter | the seed | on | what holdfast does | |\n| --- | --- | --- | --- | --- |\n';
  return head + ROWS.map(rowLine).join('');
}

function rowLine(row: Row): string {
  const title = TITLES[row.chapter];
  const chapter = title === undefined ? row.chapter : `${row.chapter} (${title})`;
  const seed = row.seed.length === 0 ? '(takes it for granted)' : row.seed.map(code).join('<br>');
  const deeds = row.deeds.length === 0 ? '–' : row.deeds.map(deedCell).join('<br>');
  return `| ${[chapter, seed, row.on, deeds, remarks(row)].join(' | ')} |\n`;
}

function remarks({ fate, when = {}, recommended, finding, note }: Row): string {
  const conditions = Object.entries(when).map(([choice, value]) => {
    const isDefault = CHOICES[choice as keyof Choices][0] === value;
    return `${choice}: ${value}${isDefault ? ' (default)' : ''}`;
  });
  return [
    `**${[FATES[fate], ...conditions, ...(recommended ? ['recommended by the seed'] : [])].join('; ')}**`,
    ...(finding === undefined ? [] : [`Finding: ${plain(finding)}`]),
    ...(note === undefined ? [] : [plain(note)]),
  ].join('<br>');
}

function deedCell(deed: Deed): string {
  switch (deed.kind) {
    case 'command': {
      const unless = deed.unless === undefined ? '' : `, unless ${code(deed.unless)}`;
      const each = deed.forEach === undefined ? '' : `, for each of the ${deed.forEach}`;
      return `${code(deed.command)}${each}${unless}`;
    }
    case 'write':
      return `writes ${code(deed.path)}`;
    case 'edit':
      return `edits ${code(deed.path)} (${deed.edit})`;
    case 'bring':
      return `brings ${code(BUNDLE_FILES[deed.from].pattern)} to ${code(deed.to)}`;
    case 'hand-over':
      return `carries ${code(deed.path)} there from the first master`;
  }
}

/** A cell is one line: lines of a command stand below each other, each as code. */
function code(text: string): string {
  return text
    .split('\n')
    .map((line) => `\`${plain(line)}\``)
    .join('<br>');
}

function plain(text: string): string {
  return text.replaceAll('|', '\\|');
}
