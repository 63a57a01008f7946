/** What `lasm generate` says as JSON, under the schema `lasm-generate/1`; docs/generate.md describes it. */
import type { BeamsFound } from '../inference/beams.ts';
import type { Generated } from '../inference/generate.ts';
import type { Effort, PassUse } from '../reports/phases-data.ts';
import { samplingOf } from './generate-options.ts';
import type { Task } from './generate-task.ts';
import { levelOf } from './model-options.ts';

/** What was asked for: the same for one text and for several. */
function question({ source, machine, prompt, flags }: Task) {
  const { temperature, topK = null, topP = null } = samplingOf(flags, source.model.generation);
  const seed = flags.seed ?? 0;
  return {
    schema: 'lasm-generate/1',
    model: { name: source.name, summary: source.summary },
    machine: { name: machine.name, title: machine.title },
    engine: flags.engine,
    level: levelOf(flags),
    sampling: temperature === 0 ? null : { temperature, topK, topP, seed },
    prompt,
  };
}

const textOf = ({ source: { tokenizer } }: Task, tokens: readonly number[]) =>
  tokenizer.available ? tokenizer.decode(tokens) : null;

/** One text, token by token and layer by layer. */
export function generatedJson(result: Generated, task: Task) {
  const { tokens, stop, trap, report, phases, contexts } = result;
  const { cycles, instructions, bound, slots, shares, mac, memory } = report;
  const { prefill, decode, rows, passes } = phases;
  return {
    ...question(task),
    text: textOf(task, tokens),
    tokens,
    stop,
    trap: trap ?? null,
    run: { cycles, instructions, issueWidth: report.issueWidth, bound, slots, shares, mac, memory },
    prefill: { tokens: task.prompt.tokens.length, ...prefill },
    decode,
    layers: rows,
    passes: passes.map((pass, i) => passJson(pass, contexts[i]!, tokens[i] ?? null)),
  };
}

/** A pass, with the token that was chosen at its end: null for one that ends the text. */
function passJson(pass: PassUse, context: number, token: number | null): object {
  return { context, token, ...(pass satisfies Effort) };
}

/** Several texts with their scores. */
export function beamsJson({ candidates, runs, cycles, instructions }: BeamsFound, task: Task) {
  const [best] = candidates;
  return {
    ...question(task),
    text: best ? textOf(task, best.tokens) : null,
    tokens: best?.tokens ?? [],
    beams: task.flags.numBeams,
    candidates: candidates.map((one) => ({ text: textOf(task, one.tokens), ...one })),
    run: { runs, cycles, instructions },
  };
}
