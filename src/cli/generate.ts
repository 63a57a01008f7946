/** `lasm generate MODEL`: text from a model on the simulated machine, and where its cycles went. */
import type { Command } from 'commander';
import type { Generated, Stop } from '../inference/generate.ts';
import { generate } from '../inference/generate.ts';
import { TextStream } from '../inference/text-stream.ts';
import { renderPhases } from '../reports/phases-text.ts';
import { writeWhole } from './files.ts';
import { searchAndPrint } from './generate-beams.ts';
import { generatedJson } from './generate-json.ts';
import type { GenerateFlags } from './generate-options.ts';
import { addGenerateOptions, maxNewTokensOf, samplingOf } from './generate-options.ts'; // prettier-ignore
import type { Task } from './generate-task.ts';
import { JSON_FILE, prepareTask } from './generate-task.ts';
import { lightOf } from './lighter.ts';
import { levelOf, withModelFailures } from './model-options.ts';
import { errorTerminal, jsonText, outputWidth, print, printPiece, wantsColour } from './output.ts';
import { progressListener } from './progress.ts';
import { printFailures } from './run-result.ts';

/** Adds the command. */
export function addGenerate(program: Command): void {
  addGenerateOptions(program.command('generate'))
    .description('let a language model write, and say where every cycle of each token went')
    .action((model: string, flags: GenerateFlags) => {
      withModelFailures(() => {
        const task = prepareTask(model, flags);
        if (flags.numBeams === undefined) generateAndPrint(task);
        else searchAndPrint(task, flags.numBeams);
      });
    });
}

function generateAndPrint(task: Task): void {
  const { flags, source } = task;
  const asJson = flags.json === true;
  const result = asJson ? run(task, {}) : stream(task);
  if (flags.json !== undefined) {
    const text = jsonText(generatedJson(result, task));
    if (asJson) print(text);
    else writeWhole(String(flags.json), `${text}\n`, JSON_FILE);
  }
  if (!asJson && flags.report) {
    const { phases, report, contexts, tokens, stop } = result;
    const told = {
      title: `${source.name} on ${task.machine.name} (${task.machine.title})`,
      promptTokens: task.prompt.tokens.length,
      newTokens: tokens.length,
      stop: STOPS[stop],
      contexts,
    };
    const look = { width: outputWidth(), colour: wantsColour('stdout') };
    print(`\n${renderPhases(phases, report, told, look)}`);
  }
  printFailures(result.vm.program, result);
}

/** Why there are no more tokens. */
const STOPS: Readonly<Record<Stop, string>> = {
  end: 'the model ended the text',
  length: 'as many as were wanted',
  context: 'the context is full',
  trap: 'the run was cut off',
};

/** Prints the text while it is being made; without a tokenizer, the numbers of the tokens. */
function stream(task: Task): Generated {
  const { tokenizer } = task.source;
  const text = new TextStream((tokens) =>
    tokenizer.available ? tokenizer.decode(tokens) : tokens.join(' '),
  );
  const result = run(task, { onToken: (token) => printPiece(text.push(token)) });
  print(`${text.end()}\n`);
  return result;
}

function run(
  { source, machine, prompt, flags }: Task,
  { onToken }: { onToken?: (token: number) => void },
): Generated {
  const { generation } = source.model;
  const progress = progressListener(errorTerminal());
  const result = generate(source, prompt.tokens, {
    machine,
    level: levelOf(flags),
    lighter: lightOf(flags),
    sampling: samplingOf(flags, generation),
    seed: flags.seed ?? 0,
    maxNewTokens: maxNewTokensOf(flags, generation),
    engine: flags.engine,
    ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
    ...(flags.maxInstructions !== undefined && { maxInstructions: flags.maxInstructions }),
    // The text itself shows how far the run is.
    ...(onToken ? { onToken } : { listeners: [progress.listen] }),
  });
  progress.done();
  return result;
}
