// Plain texts as Markdown: tables, fenced blocks, and nothing that a program printed becomes markup.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells) => line(cells.map((cell) => escapeText(cell).replaceAll('|', '\\|')))),
  ];
}

/** One line of plain text. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\s*\n\s*/g, '; ');
}

export function fenced(text: string, language: string): string[] {
  // Longer than any fence within.
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}${language}`, text, fence];
}

/** Folded away until a reader wants it. */
export function folded(summary: string, lines: readonly string[]): string[] {
  return [`<details><summary>${escapeText(summary)}</summary>`, '', ...lines, '', '</details>', ''];
}
