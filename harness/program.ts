// The commands, their help and how commander speaks. Nothing here ends the process.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

type Register = (program: Command) => void;

/** Each is loaded when it is meant: some bring half a second of packages with them. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  run: async () => (await import('./commands/run.ts')).registerRun,
  up: async () => (await import('./commands/up.ts')).registerUp,
  attach: async () => (await import('./commands/attach.ts')).registerAttach,
  down: async () => (await import('./commands/down.ts')).registerDown,
  status: async () => (await import('./commands/status.ts')).registerStatus,
  list: async () => (await import('./commands/list.ts')).registerList,
  lint: async () => (await import('./commands/lint.ts')).registerLint,
  inject: async () => (await import('./commands/inject.ts')).registerInject,
  heal: async () => (await import('./commands/heal.ts')).registerHeal,
  exec: async () => (await import('./commands/exec.ts')).registerExec,
  doctor: async () => (await import('./commands/doctor-command.ts')).registerDoctor,
  bundle: async () => (await import('./commands/bundle.ts')).registerBundle,
  images: async () => (await import('./commands/images.ts')).registerImages,
  report: async () => (await import('./commands/report.ts')).registerReport,
  trend: async () => (await import('./commands/trend.ts')).registerTrend,
  compare: async () => (await import('./commands/compare.ts')).registerCompare,
  serve: async () => (await import('./commands/serve.ts')).registerServe,
  judge: async () => (await import('./commands/judge.ts')).registerJudge,
};

const EXAMPLES = `
Examples:
  holdfast doctor                            what this machine can and cannot do
  holdfast run                               bring a cluster up, break it, report, tear it down
  holdfast up                                bring a cluster up and leave it up
  holdfast attach prod.yaml                  look at a cluster that runs already, and make it a lab
  holdfast run power-off-vip-holder          one scenario, on the cluster that is up or on a new one
  holdfast exec master1 -- kubectl get nodes
  holdfast inject kill-process vip-holder --param process=kubelet --for 30s
  holdfast heal                              undo what runs that died have left
  holdfast down                              remove everything of holdfast's

Exit codes: 0 pass; 1 fail; 2 inconclusive or invalid; 3 usage or configuration error;
4 the environment cannot do it; 130/143 interrupted (after healing).`;

/** The program with the command that argv means, or with all of them where it means none. */
export async function makeProgram(argv: readonly string[]): Promise<Command> {
  const { version, description } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { version: string; description: string };
  const program = new Command('holdfast')
    .description(description)
    .version(version)
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
    .showHelpAfterError('→ --help shows what can be said');
  const meant = COMMANDS[argv[2] ?? ''];
  const loads = meant ? [meant] : Object.values(COMMANDS);
  for (const register of await Promise.all(loads.map((load) => load()))) register(program);
  return program;
}
