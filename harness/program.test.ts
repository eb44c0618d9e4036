// What the command line accepts and what its help says, without a process for each question.
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeProgram } from './program.ts';

const COMMANDS = [
  'run',
  'up',
  'down',
  'status',
  'list',
  'exec',
  'doctor',
  'bundle',
  'images',
  'report',
  'judge',
  'lint',
];

/** Parses words that end in commander's own hands: help, or a refusal. */
async function say(...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const argv = ['node', 'holdfast', ...words];
  const program = await makeProgram(argv);
  let out = '';
  let err = '';
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command.configureOutput({ writeOut: (text) => (out += text), writeErr: (text) => (err += text) });
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, out, err };
    throw error;
  }
  throw new Error(`holdfast ${words.join(' ')} was carried out`);
}

describe('the help', () => {
  it('lists every command, examples and the exit codes', async () => {
    const { code, out } = await say('--help');
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(out).toContain('Exit codes: 0 pass; 1 fail;');
  });

  it.each([
    ...COMMANDS.filter((name) => name !== 'images' && name !== 'bundle'),
    'images build',
    'images list',
    'images remove',
    'bundle verify',
    'bundle lock',
    'bundle inspect',
  ])('of %s has examples', async (command) => {
    const { code, out } = await say(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples:\\n +holdfast .*${command}`));
  });
});

describe('words that mean nothing are refused', () => {
  it.each([
    [['statis'], "unknown command 'statis'\n(Did you mean status?)"],
    [['list', '--jso'], "unknown option '--jso'\n(Did you mean --json?)"],
    [['down', 'everything'], 'too many arguments'],
    [['exec', 'master1'], "missing required argument 'argv'"],
    [['run', '--repeat', 'often'], "argument 'often' is invalid"],
    [['images', 'biuld'], "unknown command 'biuld'\n(Did you mean build?)"],
  ])('%j', async (words, message) => {
    const { code, out, err } = await say(...words);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('error:');
    expect(err).toContain('→ --help');
  });
});
