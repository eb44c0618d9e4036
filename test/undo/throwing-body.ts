// A program: performs a scenario on a lab that is up, whose body injects one fault and then throws. It is given a JSON
// object on its command line, writes a journal as every scenario does, and ends with 0 when the exception was recorded.
import { runClock, clockOriginNow } from '../../harness/core/clock.ts';
import { EnvironmentError, EXIT_CODES } from '../../harness/core/errors.ts';
import type { FaultParams } from '../../harness/core/fault.ts';
import { openJournal, readRun } from '../../harness/core/journal.ts';
import type { LabDescriptor } from '../../harness/core/provider.ts';
import { JOURNAL_VERSION } from '../../harness/core/record.ts';
import { providerKind } from '../../harness/providers/index.ts';
import type { SafetyPolicy } from '../../harness/safety/policy.ts';
import { executeScenario } from '../../harness/scenario/execute.ts';

export interface ThrowingOrder {
  readonly lab: LabDescriptor;
  readonly safety: SafetyPolicy;
  readonly journal: string;
  readonly fault: string;
  readonly target: string;
  readonly params: FaultParams;
}

const MISHAP = 'thrown on purpose, with the fault in force';

/** @returns whether the fault cannot be injected here */
async function perform({
  lab: descriptor,
  safety,
  journal: path,
  fault,
  target,
  params,
}: ThrowingOrder): Promise<boolean> {
  const journal = openJournal(path);
  const origin = clockOriginNow();
  const clock = runClock(origin);
  journal.append({
    type: 'run.started',
    atMs: clock.now(),
    journalVersion: JOURNAL_VERSION,
    id: 'throwing-body',
    startedAt: new Date(origin.epochMs).toISOString(),
    clock: origin,
    seed: 1,
    holdfast: 'test',
    command: 'npm run test:undo',
    topology: descriptor.topology,
    profile: 'as it is',
    provider: descriptor.provider,
    plan: ['throwing-body'],
  });
  let isUnavailable = false;
  const provider = await providerKind(descriptor.provider).open();
  await executeScenario({
    name: 'throwing-body',
    iteration: 1,
    seed: 1,
    definition: {
      hypothesis: 'What a body that throws has broken is healed.',
      losesQuorum: true,
      checks: [],
      probes: { only: ['api-vip-new'] },
      body: async ({ inject }) => {
        await inject(fault, target, params).catch((thrown: unknown) => {
          isUnavailable = thrown instanceof EnvironmentError;
          throw thrown;
        });
        throw new Error(MISHAP);
      },
    },
    lab: await provider.attach(descriptor),
    recorder: journal,
    clock,
    signal: new AbortController().signal,
    safety,
    processes: { holdfast: process.pid },
  });
  journal.close();
  return isUnavailable;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ThrowingOrder;
const isUnavailable = await perform(order);
const { error = 'nothing was thrown' } = readRun(order.journal).scenarios.at(-1)?.finished ?? {};
process.stderr.write(`${error}\n`);
process.exit(
  isUnavailable ? EXIT_CODES.environment : error.includes(MISHAP) ? EXIT_CODES.pass : EXIT_CODES.fail,
);
