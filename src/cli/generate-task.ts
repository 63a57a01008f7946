/** What `lasm generate` is asked to do: opened, and found to be in order. */
import type { Prompt } from '../inference/prompt.ts';
import { readPrompt } from '../inference/prompt.ts';
import type { LanguageSource } from '../inference/source.ts';
import { openSource } from '../inference/source.ts';
import type { Machine } from '../machine/machine.ts';
import { Failure, messageWithHint } from './failure.ts';
import type { GenerateFlags } from './generate-options.ts';
import { promptOf, samplingOf } from './generate-options.ts';
import { machineFor } from './machines.ts';

export interface Task {
  readonly source: LanguageSource;
  readonly machine: Machine;
  readonly prompt: Prompt;
  readonly flags: GenerateFlags;
}

/** Opens what the command line names; throws before anything runs. */
export function prepareTask(path: string, flags: GenerateFlags): Task {
  const machine = machineFor(flags.machine);
  const input = promptOf(flags);
  const { context } = flags;
  const source = openSource(path, context === undefined ? {} : { context, source: context });
  if (source.kind !== 'language') {
    const hint = 'lasm infer runs models that map inputs to outputs';
    throw new Failure(1, messageWithHint(`${path}: does not write text`, hint));
  }
  samplingOf(flags, source.model.generation);
  return { source, machine, prompt: readPrompt(source, input), flags };
}

/** What `--json PATH` may replace. */
export const JSON_FILE = { name: 'JSON generation', magic: '{\n  "schema": "lasm-generate/' };
