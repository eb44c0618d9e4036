// A YAML file that a person wrote: every problem is told with its line, its column and what was expected.
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type ParsedNode,
} from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../core/errors.ts';
import { nearestName } from '../core/suggest.ts';
import { formatPath, type Problem } from './topology-rules.ts';

/** The keys that there are at a path to a mapping. */
export type KeysAt = (path: readonly (string | number)[]) => readonly string[];

export interface YamlKind {
  /** "topology" */
  readonly what: string;
  readonly hint: string;
  /** Said of a problem with a key that the file leaves out. */
  readonly leftOut: string;
}

export class LocatedYaml {
  readonly value: unknown;
  readonly #fileName: string;
  readonly #kind: YamlKind;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  /** @throws UsageError when it is no YAML */
  constructor(text: string, fileName: string, kind: YamlKind) {
    this.#fileName = fileName;
    this.#kind = kind;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    if (this.#document.errors.length > 0) {
      throw this.#unusable(
        this.#document.errors.map(
          ({ pos, message }) => `${this.#place(pos[0])}: this is not YAML: ${message}`,
        ),
      );
    }
    this.value = (this.#document.toJS() as unknown) ?? {};
  }

  problemsOf(issues: readonly z.core.$ZodIssue[], keysAt: KeysAt): readonly Problem[] {
    return issues.flatMap(describeIssue(this.value, keysAt));
  }

  /** Problems in the file's order, each at its key, or at what should hold it. */
  unusable(problems: readonly Problem[]): UsageError {
    const placed = problems.map((problem) => ({
      ...problem,
      offset: offsetOf(this.#document.contents, problem.path),
    }));
    return this.#unusable(
      placed
        .sort((a, b) => a.offset - b.offset)
        .map(({ path, text, offset }) => {
          const [first] = path;
          const subject = path.length === 0 ? '' : `${formatPath(path)}: `;
          const leftOut = first === undefined || this.#document.has(first) ? '' : this.#kind.leftOut;
          return `${this.#place(offset)}: ${subject}${text}${leftOut}`;
        }),
    );
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#fileName}:${line}:${col}`;
  }

  #unusable(problems: readonly string[]): UsageError {
    const { what, hint } = this.#kind;
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    return new UsageError(`${this.#fileName} is no usable ${what}, ${count}:\n${problems.join('\n')}`, {
      hint,
    });
  }
}

function describeIssue(file: unknown, keysAt: KeysAt): (issue: z.core.$ZodIssue) => Problem[] {
  return (issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code !== 'unrecognized_keys') {
      const found = describeValue(path.reduce<unknown>(valueAt, file));
      return [{ path, text: `found ${found}, expected ${issue.message}` }];
    }
    const known = keysAt(path);
    return issue.keys.map((key) => {
      const meant = nearestName(key, known);
      const advice = meant ? `did you mean ${meant}?` : 'remove it';
      return { path: [...path, key], text: `unknown key, expected one of ${known.join(', ')}; ${advice}` };
    });
  };
}

function valueAt(container: unknown, key: string | number): unknown {
  return typeof container === 'object' && container !== null
    ? (container as Record<string | number, unknown>)[key]
    : undefined;
}

function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}

function offsetOf(contents: ParsedNode | null, path: readonly (string | number)[]): number {
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (!pair || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else return offset;
  }
  return offset;
}
