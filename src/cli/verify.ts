/** `lasm verify SOURCE`: is what the machine computes what the model means? Tensor by tensor. */
import type { Command } from 'commander';
import { buildGraph, buildLanguageModel } from '../inference/build.ts';
import type { Build } from '../inference/build.ts';
import { completeInputs } from '../inference/inputs.ts';
import type { GraphSource, LanguageSource, ModelSource } from '../inference/source.ts';
import { DEFAULT_TOLERANCE } from '../inference/verify-compare.ts';
import { requireSameSymbols } from '../inference/verify-program.ts';
import type { MachinePass } from '../inference/verify-passes.ts';
import { defaultPrompt, verificationSteps } from '../inference/verify-prompt.ts';
import type { Subject, Verified, VerifyOptions } from '../inference/verify-result.ts';
import { verifyGraph, verifyLanguage } from '../inference/verify.ts';
import { Failure, usage } from './failure.ts';
import { loadProgram } from './load.ts';
import { machineFor } from './machines.ts';
import type { ModelFlags } from './model-options.ts';
import { addModelOptions, levelOf, openModel, parseNonNegative, withModelFailures } from './model-options.ts'; // prettier-ignore
import { parseCount, parseTokens } from './options.ts';
import { errorTerminal, jsonText, markFailed, print } from './output.ts';
import { verifiedText } from './verify-text.ts';

interface Flags extends ModelFlags {
  readonly text?: string;
  readonly prompt?: string;
  readonly tokens?: readonly number[];
  readonly maxNewTokens?: number;
  readonly tolerance: number;
  readonly program?: string;
  readonly json?: boolean;
  readonly maxInstructions?: number;
  readonly maxMemory?: number;
}

const EXAMPLES = `
Examples:
  lasm verify programs/models/adder-gpt2 --prompt "12+34="
  lasm verify programs/models/brackets-lstm/model.onnx --input tokens=tokens.json
  lasm compile programs/graphs/mlp.json -o mlp.lasm --apart    # then change it, and
  lasm verify programs/graphs/mlp.json --program mlp.lasm

The reference computes in float64 and shares no code with the machine. A float may differ from it by the
tolerance times the largest magnitude of its tensor: ${DEFAULT_TOLERANCE} is the bound for 1,700 float32 roundings
that all go the same way. Integers must be equal. Exit code 1 when something differs.`;

/** Adds the command. */
export function addVerify(program: Command): void {
  addModelOptions(program.command('verify'))
    .description('compare the machine with the float64 reference, tensor by tensor')
    .option('--text <text>', 'the input of an encoder that has a tokenizer')
    .option('--prompt <text>', 'language models: the prompt')
    .option('--tokens <list>', 'language models: the prompt as token numbers: 3,7,10', parseTokens)
    .option('--max-new-tokens <n>', 'language models: passes behind the prompt', parseCount)
    .option(
      '--tolerance <t>',
      'parts of the largest magnitude',
      parseNonNegative,
      DEFAULT_TOLERANCE,
    )
    .option('--program <file>', 'check this program, from lasm compile --apart')
    .option('--json', 'print the result as JSON')
    .option('--max-instructions <n>', 'stop behind this many (default 100 million)', parseCount)
    .option('--max-memory <bytes>', 'with --program: memory it may need', parseCount)
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

function verify(path: string, flags: Flags): void {
  const source = openModel(path, flags, flags.text);
  const verified = withModelFailures(() => checked(source, flags));
  if (flags.json) print(jsonText(verifiedJson(source, flags, verified)));
  else
    print(verifiedText(source, verified, { tolerance: flags.tolerance, program: flags.program }));
  if (verified.difference || verified.trap || verified.weights.length > 0) markFailed();
}

/** What is checked may be a program that someone has changed: it may do what no model can. */
function checked(source: ModelSource, flags: Flags): Verified {
  try {
    return source.kind === 'graph' ? checkGraph(source, flags) : checkLanguage(source, flags);
  } catch (error) {
    if (flags.program === undefined || !(error instanceof RangeError)) throw error;
    const message = `${flags.program}: the model cannot do what this program does: ${error.message}`;
    throw new Failure(1, message);
  }
}

function checkGraph(source: GraphSource, flags: Flags): Verified {
  for (const name of ['prompt', 'tokens', 'maxNewTokens'] as const) {
    if (flags[name] !== undefined) throw usage(`${source.name} reads no prompt; give --input`);
  }
  const inputs = completeInputs(source);
  const { graph } = source;
  const build = buildGraph(graph, buildOptions(flags));
  const subject = subjectOf(build, new Map([['main', graph]]), flags);
  return verifyGraph(subject, inputs, verifyOptions(flags));
}

function checkLanguage(source: LanguageSource, flags: Flags): Verified {
  const { encode, decode, generation } = source.model;
  const tokens = promptOf(source, flags);
  const steps = flags.maxNewTokens ?? verificationSteps(source.model);
  // What ends a text does not end the comparison.
  const model = { ...source.model, generation: { ...generation, end: [] } };
  const build = buildLanguageModel(model, {
    ...buildOptions(flags),
    sampling: { temperature: 0 },
    maxNewTokens: steps,
  });
  const graphs = new Map([...(encode ? [['encode', encode] as const] : []), ['decode', decode]]);
  const subject = subjectOf(build, graphs, flags);
  const verified = verifyLanguage(subject, tokens, {
    ...verifyOptions(flags),
    maxNewTokens: steps,
    decoderStart: generation.decoderStart,
  });
  if (verified.passes > 0 || verified.trap) return verified;
  const room = `a prompt of 1 to ${generation.context - 1} tokens`;
  throw new Failure(1, `${source.name} was never run: it has room for ${room}, not for ${tokens.length}`); // prettier-ignore
}

function promptOf({ name, model, tokenizer }: LanguageSource, flags: Flags): readonly number[] {
  const { prompt, tokens, input } = flags;
  if (input) throw usage(`${name} reads a prompt; give --prompt or --tokens`);
  if (prompt !== undefined && tokens) throw usage('--prompt and --tokens exclude each other');
  const { before, after, vocabulary } = model.generation;
  if (prompt !== undefined) return [...before, ...tokenizer.encode(prompt), ...after];
  const beyond = tokens?.find((token) => token >= vocabulary);
  if (beyond !== undefined)
    throw usage(`--tokens: ${beyond} is beyond the ${vocabulary} there are`);
  return tokens ?? defaultPrompt(model);
}

function buildOptions(flags: Flags) {
  return { level: levelOf(flags), tile: machineFor(flags.machine).tile, apart: true } as const;
}

/** The program of the build, or the one that was named in its place. */
function subjectOf(
  { program, places }: Build,
  graphs: Subject['graphs'],
  { program: file, maxMemory }: Flags,
): Subject {
  if (file === undefined) return { program, graphs, places };
  const limit = maxMemory === undefined ? {} : { maxMemoryBytes: maxMemory };
  const other = loadProgram(file, limit);
  requireSameSymbols(other, program, graphs);
  return { program: other, graphs, places, file };
}

function verifyOptions({ tolerance, maxInstructions, json }: Flags): VerifyOptions {
  const terminal = errorTerminal();
  const isShown = terminal.isTTY === true && json !== true;
  const onPass = ({ routine, counts }: MachinePass) => {
    if (isShown) terminal.write(`\r\x1b[K${routine} at position ${counts.position} agrees …\r`);
  };
  return { tolerance, maxInstructions, onPass };
}

function verifiedJson({ name }: ModelSource, { tolerance }: Flags, verified: Verified) {
  const { difference, trap, weights } = verified;
  const agrees = !difference && !trap && weights.length === 0;
  return { schema: 'lasm-verify/1', model: name, agrees, tolerance, ...verified };
}
