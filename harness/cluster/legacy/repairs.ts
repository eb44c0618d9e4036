// The seed's repairs, each done once: an error that shows again is one that the seed's way does not cure.
import { HoldfastError } from '../../core/errors.ts';
import type { ProgressListener } from '../../core/progress.ts';
import type { Lab } from '../../core/provider.ts';
import type { SeedError } from '../../profiles/v1.4.5/errors.ts';
import type { PlannedRow, SeedPlan } from '../../profiles/v1.4.5/plan.ts';
import { ANY_EXIT_CODE, argvOf, questionOf } from './shell.ts';

/** One error that showed, and what was done about it. */
export interface RepairDone {
  /** The row of the seed that says how. */
  readonly row: string;
  readonly chapter: string;
  /** Where it showed first, and the line that said so. */
  readonly host: string;
  readonly said: string;
  /** Host and command, in order. */
  readonly commands: readonly string[];
}

interface Occasion {
  readonly line: string;
  readonly host: string;
  readonly step: string;
  readonly progress: ProgressListener;
  readonly signal: AbortSignal;
}

/** How long a program that goes on trying may say what is cured already: kubeadm asks every five seconds. */
const LINGERING_MS = 20_000;

export class Repairs {
  readonly done: RepairDone[] = [];
  readonly #lab: Lab;
  readonly #plan: SeedPlan;
  readonly #lingeringMs: number;
  readonly #begun = new Map<string, { readonly work: Promise<void>; endedAt: number | undefined }>();

  constructor({
    lab,
    plan,
    lingeringMs = LINGERING_MS,
  }: {
    readonly lab: Lab;
    readonly plan: SeedPlan;
    readonly lingeringMs?: number;
  }) {
    this.#lab = lab;
    this.#plan = plan;
    this.#lingeringMs = lingeringMs;
  }

  /** @throws HoldfastError when the error is there still, or must not be repaired so on this host */
  async repair(error: SeedError, occasion: Occasion): Promise<void> {
    const begun = this.#begun.get(error.repair);
    if (begun === undefined) {
      const entry = { work: this.#repair(error, occasion), endedAt: undefined as number | undefined };
      this.#begun.set(error.repair, entry);
      await entry.work;
      entry.endedAt = performance.now();
      return;
    }
    if (begun.endedAt === undefined) {
      await begun.work;
      return;
    }
    if (error.goesOn && performance.now() - begun.endedAt < this.#lingeringMs) return;
    const { row } = this.#rowOf(error);
    throw new HoldfastError(
      `${occasion.host} says still: ${occasion.line.trim()}\nalthough it was repaired as the seed says in ${row.chapter}`,
      { hint: `each repair is done once; this one was: ${row.seed.join('; ')}` },
    );
  }

  async #repair(error: SeedError, { line, host, step, progress, signal }: Occasion): Promise<void> {
    const planned = this.#rowOf(error);
    const said = line.trim();
    this.#refuseWhereItWouldHarm(error, planned, host);
    const commands: string[] = [];
    this.done.push({ row: planned.row.id, chapter: planned.row.chapter, host, said, commands });
    progress.output(step, `${host}: ${error.what}: repaired as the seed says in ${planned.row.chapter}`);
    for (const { name, deeds } of planned.hosts) {
      for (const deed of deeds) {
        if (deed.kind !== 'command') throw new Error(`row ${planned.row.id}: a repair is made of commands`);
        if (deed.unless !== undefined) {
          const asked = await this.#lab
            .host(name)
            .run(questionOf(deed.unless), { signal, acceptExitCodes: ANY_EXIT_CODE });
          if (asked.exitCode === 0) continue;
        }
        commands.push(`${name}: ${deed.command}`);
        progress.output(step, `${name}: ${deed.command}`);
        await this.#lab
          .host(name)
          .run(argvOf(deed.command), { signal, acceptExitCodes: deed.acceptExitCodes ?? [0] });
      }
    }
  }

  #rowOf({ repair }: SeedError): PlannedRow {
    const found = this.#plan.repairs.find(({ row }) => row.id === repair);
    if (!found) throw new Error(`the plan has no repair ${repair}`);
    return found;
  }

  #refuseWhereItWouldHarm({ notOn, what }: SeedError, { row, hosts }: PlannedRow, host: string): void {
    if (notOn === undefined) return;
    const roleHolders = this.#lab.descriptor.topology.hosts.filter(({ roles }) => roles.includes(notOn));
    const harmed = hosts.find(({ name }) => roleHolders.some((holder) => holder.name === name));
    if (!harmed) return;
    throw new HoldfastError(
      `${host}: ${what}, and ${harmed.name} carries a member of etcd: "${row.seed.join('; ')}" would delete the cluster's data`,
      { hint: 'the seed (3.2): no etcd on masters, or its data elsewhere: etcdDataDir in the topology' },
    );
  }
}
