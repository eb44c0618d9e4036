// The syntax of keepalived.conf: a keyword with words on one line, and blocks in braces, nested to any depth.
import { UsageError } from '../core/errors.ts';

export interface ConfNode {
  readonly keyword: string;
  /** What follows the keyword on its line, unquoted. */
  readonly words: readonly string[];
  /** What stands in the braces after it; empty without braces. */
  readonly children: readonly ConfNode[];
  /** From 1. */
  readonly line: number;
}

interface OpenNode extends ConfNode {
  readonly words: string[];
  readonly children: OpenNode[];
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** @throws UsageError "<file>:<line>: …" for braces that do not match, an open quote, or what only keepalived can expand */
export function parseBlocks(text: string, file: string): readonly ConfNode[] {
  const fail = (line: number, problem: string): UsageError => new UsageError(`${file}:${line}: ${problem}`);
  const roots: OpenNode[] = [];
  const open: OpenNode[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    let node: OpenNode | undefined;
    for (const { text: word, quoted } of tokensOf(content, () => fail(line, 'expected a closing quote'))) {
      const siblings = open.at(-1)?.children ?? roots;
      if (word === '{' && !quoted) {
        // The brace may stand on a line of its own below its keyword.
        const owner = node ?? siblings.at(-1);
        if (!owner) throw fail(line, 'expected a keyword before {');
        open.push(owner);
        node = undefined;
      } else if (word === '}' && !quoted) {
        if (!open.pop()) throw fail(line, 'expected no }: no block is open');
        node = undefined;
      } else if (node) node.words.push(word);
      else {
        if (/^[@$]|^include/.test(word)) {
          throw fail(line, `expected plain settings, found ${word}, which only keepalived can expand`);
        }
        node = { keyword: word, words: [], children: [], line };
        siblings.push(node);
      }
    }
  }
  const unclosed = open.at(-1);
  if (unclosed)
    throw fail(unclosed.line, `expected a } for this ${unclosed.keyword}, found the end of the file`);
  return roots;
}

/** Words, quoted strings and braces of a line, without its comment. */
function tokensOf(line: string, unclosedQuote: () => Error): Token[] {
  const tokens: Token[] = [];
  for (const [text, string, quote] of line.matchAll(/"([^"]*)"|(["])|[!#].*|[{}]|[^\s"{}!#]+/g)) {
    if (quote !== undefined) throw unclosedQuote();
    if (string !== undefined) tokens.push({ text: string, quoted: true });
    else if (!/^[!#]/.test(text)) tokens.push({ text, quoted: false });
  }
  return tokens;
}
