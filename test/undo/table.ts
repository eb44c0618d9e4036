// The table as Markdown: for the note of a release, and for reading at a terminal.
import { spoken } from '../../harness/core/text.ts';
import type { Cell } from './cell.ts';
import type { Column } from './columns.ts';
import type { Subject } from './subjects.ts';

export interface Row {
  readonly subject: Subject;
  readonly cells: Readonly<Partial<Record<Column, Cell>>>;
}

export function renderTable(columns: readonly Column[], rows: readonly Row[]): string {
  const header = ['fault', 'target', ...columns];
  const lines = [
    header,
    header.map(() => '---'),
    ...rows.map(({ subject, cells }) => [
      nameOf(subject),
      subject.target,
      ...columns.map((column) => cellText(cells[column])),
    ]),
  ];
  const table = lines.map((line) => `| ${line.map(escaped).join(' | ')} |`).join('\n');
  return [table, LEGEND, ...problemLines(columns, rows)].join('\n\n');
}

const LEGEND =
  'Clean: the fault had taken effect, and the lab was steady and its fingerprint as before. The time is from when the ' +
  'undo was due (the end of the harness, or the limit where it was killed) until then.';

/** "kill-process process=kubelet stays=true" */
export function nameOf({ fault, params }: Subject): string {
  return [fault, ...Object.entries(params).map(([name, value]) => `${name}=${String(value)}`)].join(' ');
}

function cellText(cell: Cell | undefined): string {
  if (!cell) return 'not tried';
  if (cell.state === 'clean') return `clean, ${spoken(Math.max(0, cell.sameAfterMs ?? 0))}`;
  return cell.state === 'dirty' ? '**dirty**' : cell.state;
}

function problemLines(columns: readonly Column[], rows: readonly Row[]): string[] {
  const lines = rows.flatMap(({ subject, cells }) =>
    columns.flatMap((column) =>
      (cells[column]?.problems ?? []).map(
        (problem) =>
          `- ${nameOf(subject)} on ${subject.target}, ${column}: ${problem.replaceAll(/\s*\n\s*/g, ' ')}`,
      ),
    ),
  );
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
