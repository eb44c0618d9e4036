// What a reader who sees only the first screen knows: what was broken, what it cost, who took over, and whether that is acceptable.
import type { RunReport } from '../../core/report.ts';
import { counts, type ScenarioResult } from '../../core/result.ts';
import { bounds, count, percent, spoken } from '../../core/text.ts';
import { worstOfAll, type Pair } from '../headline.ts';
import { nameOf, neverBegun, pairs, reproduction, whatWasBroken, whoTookOver } from '../digest.ts';
import { html, slug, type Html } from './markup.ts';

export function firstScreen(report: RunReport): Html {
  const { result, plan } = report;
  const counting = pairs(report).filter((pair) => counts(pair.result));
  const missing = neverBegun(plan, result.scenarios);
  const restored = {
    clean: 'The cluster was restored.',
    dirty: 'The cluster was not restored.',
    unknown: 'Whether the cluster was restored is not known.',
  };
  return html`<header class="${result.verdict}">
      <h1><strong>${result.verdict.toUpperCase()}</strong> ${headline(counting, plan)}</h1>
      <p>
        <span class="verdict ${result.cleanliness}">${result.cleanliness}</span>
        ${restored[result.cleanliness]}
        <span class="soft"
          >Topology ${result.run.topology}, Kubernetes ${result.run.profile}, run ${result.run.id}, seed
          ${result.run.seed}.</span
        >
      </p>
    </header>
    ${result.run.interrupted === undefined ? undefined : endedEarly(result.run.interrupted, missing)}
    <dl class="answers">
      ${answers(counting).map(
        ({ question, answer, more }) =>
          html`<div>
            <dt>${question}</dt>
            <dd><span>${answer}</span>${more.map((line) => html`<small>${line}</small>`)}</dd>
          </div>`,
      )}
    </dl>
    ${counting.length > 1 ? notPassed(counting) : undefined}
    <p class="soft">Again with: <code>${reproduction(result)}</code></p>`;
}

function headline(counting: readonly Pair[], plan: readonly string[]): string {
  const [only, ...others] = counting;
  if (!only) return 'no scenario was run';
  if (others.length === 0 && plan.length === 1) return nameOf(only.result);
  const passed = counting.filter(({ result }) => result.verdict === 'pass').length;
  return `${passed} of ${count(Math.max(plan.length, counting.length), 'scenario')} passed`;
}

function endedEarly(reason: string, missing: readonly string[]): Html {
  return html`<section>
    <h2>The run ended early</h2>
    <pre>${reason}</pre>
    ${missing.length === 0 ? undefined : html`<p>Never begun: ${missing.join(', ')}.</p>`}
  </section>`;
}

interface Answer {
  readonly question: string;
  readonly answer: string;
  readonly more: readonly string[];
}

function answers(counting: readonly Pair[]): Answer[] {
  const [only, ...others] = counting;
  if (!only) return [];
  return others.length === 0 ? answersOfOne(only) : answersOfMany(counting);
}

function answersOfOne({ result, digest }: Pair): Answer[] {
  const [cost = 'not measured', ...costs] = digest.costs;
  return [
    { question: 'What was broken', answer: whatWasBroken(result), more: [result.hypothesis] },
    { question: 'What it cost a client of the API', answer: cost, more: costs },
    { question: 'Who took over, and when', answer: whoTookOver(result), more: [] },
    { question: 'Is that acceptable', ...acceptable(result) },
  ];
}

function acceptable({ verdict, checks }: ScenarioResult): Pick<Answer, 'answer' | 'more'> {
  const wrong = checks.filter((check) => check.verdict !== 'pass');
  if (verdict === 'pass') {
    return { answer: `Yes: all ${count(checks.length, 'check')} passed`, more: [] };
  }
  const answer = verdict === 'fail' ? 'No' : 'That cannot be said';
  return {
    answer,
    more: wrong.slice(0, 3).map(({ name, explanation }) => `${name}: ${firstSentence(explanation)}`),
  };
}

/** The rest stands with the check, further down. */
function firstSentence(text: string): string {
  const [sentence = text] = text.split(/[.;:](?=\s|$)/, 1);
  return `${sentence}.`;
}

function answersOfMany(counting: readonly Pair[]): Answer[] {
  const kinds = [...new Set(counting.flatMap(({ result }) => result.faults.map(({ kind }) => kind)))];
  const { outage, availability, takeover } = worstOfAll(counting);
  const wrong = counting.filter(({ result }) => result.verdict !== 'pass');
  return [
    {
      question: 'What was broken',
      answer: `${count(counting.flatMap(({ result }) => result.faults).length, 'fault')} of ${count(kinds.length, 'kind')}`,
      more: [kinds.join(', ')],
    },
    {
      question: 'What it cost a client of the API at worst',
      answer: outage ? `down for ${bounds(outage.lowerMs, outage.upperMs)}` : 'no outage seen',
      more: [
        ...(outage
          ? [
              `in ${outage.scenario}${outage.expected === undefined ? '' : `, where the design promises: ${outage.expected}`}`,
            ]
          : []),
        ...(availability
          ? [`least available: ${percent(availability.share)} in ${availability.scenario}`]
          : []),
      ],
    },
    {
      question: 'Who took over, and when',
      answer: takeover ? `another master in ${spoken(takeover.ms)} at the latest` : 'the VIP never moved',
      more: takeover
        ? [
            `in ${takeover.scenario}, allowed ${spoken(takeover.allowedMs)}; the VIP moved in ${count(takeover.moves, 'scenario')}`,
          ]
        : [],
    },
    {
      question: 'Is that acceptable',
      answer:
        wrong.length === 0
          ? 'Yes: everything is within what the design promises'
          : `${count(wrong.length, 'scenario')} did not pass`,
      more: wrong.slice(0, 3).map(({ result }) => `${nameOf(result)}: ${result.verdict}`),
    },
  ];
}

/** Each with the reason, and the way there. */
function notPassed(counting: readonly Pair[]): Html | undefined {
  const wrong = counting.filter(({ result }) => result.verdict !== 'pass');
  if (wrong.length === 0) return undefined;
  return html`<ul>
    ${wrong.map(({ result }) => {
      const name = nameOf(result);
      const reasons = result.checks.filter(({ verdict }) => verdict !== 'pass').slice(0, 2);
      return html`<li>
        <span class="verdict ${result.verdict}">${result.verdict}</span> <a href="#${slug(name)}">${name}</a>:
        ${reasons.map(({ explanation }) => explanation).join(' ')}
      </li>`;
    })}
  </ul>`;
}
