// holdfast run --dry-run: what the scenarios would do, on the cluster that a run would use if one is up, else by the design.
import { asError } from '../core/errors.ts';
import type { RunRequest } from '../run.ts';
import { abortConditions, isSomebodys } from '../safety/policy.ts';
import { byDesign } from '../scenario/by-design.ts';
import { findLabs, withCluster } from './labs.ts';
import {
  previewScenario,
  renderScenarioPreview,
  type PreviewRequest,
  type ScenarioPreview,
} from './scenario-preview.ts';

interface Shown {
  readonly cluster: string;
  readonly provider: string;
  /** Whether --yes-break has to be said. */
  readonly somebodys: boolean;
  /** How it is known who holds and leads what. */
  readonly asked: string;
  /** The same one, the same choices by chance. */
  readonly seed: number;
  readonly abortWhen: readonly string[];
  readonly scenarios: readonly ScenarioPreview[];
}

type RequestForDryRun = Pick<
  RunRequest,
  'scenarios' | 'topology' | 'providerName' | 'safety' | 'seed' | 'durationMs'
>;

export async function showRun(request: RequestForDryRun, json: boolean): Promise<void> {
  const shown = await previewLive(request).catch((thrown: unknown) =>
    previewDesign(request, `the cluster that is up did not answer (${asError(thrown).message})`),
  );
  process.stdout.write(json ? `${JSON.stringify(shown, null, 2)}\n` : renderRun(shown));
}

async function previewLive(request: RequestForDryRun): Promise<Shown> {
  const found = (await findLabs()).find(
    ({ descriptor: { provider, topology } }) =>
      provider === request.providerName && topology.name === request.topology.name,
  );
  if (!found) return previewDesign(request, 'no cluster of this plan is up');
  const lab = await found.attach();
  const asked = `asked of the cluster that is up (${lab.descriptor.runId}); it is asked again when it is done`;
  return withCluster(lab, (who) => preview(request, { owned: lab.descriptor, who, lab }, asked));
}

function previewDesign(request: RequestForDryRun, why: string): Promise<Shown> {
  const { topology, providerName: provider } = request;
  const asked = `${why}: who holds and leads what is as the design has it`;
  return preview(request, { owned: { provider, topology }, who: byDesign(topology) }, asked);
}

async function preview(
  { scenarios, safety, seed, durationMs }: RequestForDryRun,
  on: Pick<PreviewRequest, 'owned' | 'who' | 'lab'>,
  asked: string,
): Promise<Shown> {
  const previews: ScenarioPreview[] = [];
  for (const name of new Set(scenarios)) {
    previews.push(await previewScenario(name, { ...on, policy: safety, seed, durationMs }));
  }
  const { provider, topology } = on.owned;
  return {
    ...{ cluster: topology.name, provider, somebodys: isSomebodys(on.owned), asked, seed },
    abortWhen: abortConditions(on.owned, safety),
    scenarios: previews,
  };
}

function renderRun({ cluster, somebodys, asked, seed, abortWhen, scenarios }: Shown): string {
  const leave = somebodys ? `it is done only with --yes-break ${cluster}\n` : '';
  const guards = abortWhen.map((text) => `everything is healed at once and the run ends when: ${text}\n`);
  const head = `dry run on ${cluster}: nothing is touched\nwho is who: ${asked}\nseed ${seed} (--seed)\n${leave}`;
  return [head, ...guards, '\n', ...scenarios.map(renderScenarioPreview)].join('');
}
