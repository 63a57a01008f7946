/** `lasm sweep FILE --vary KEY=LIST`: one program or model on many machines, and what each one buys. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { addLightOptions } from './lighter.ts';
import { DEFAULT_MACHINE } from './machines.ts';
import { collectDims } from './model-options.ts';
import { collectPairs, collectParams, parseCount, parseSeed, parseTokens, rootOption } from './options.ts'; // prettier-ignore
import { goOn } from './output.ts';
import type { SweepFlags } from './sweep-job.ts';
import { sweep } from './sweep-run.ts';

const EXAMPLES = `
KEY is a parameter of the machine file (lasm machines NAME lists them), machine for whole machines,
param.NAME for a .param of the program, or level for the compiler's. LIST has commas and ranges: 1,2,4
or 1..8 or 0..100+25 or 16..256*2. Every combination is a point; there are at most 10,000.

Examples:
  lasm sweep programs/matmul-tiled.lasm -m gemmini16 --vary memory.bytesPerCycle=4..256*2
  lasm sweep programs/multi-head-attention.lasm -m tomasulo --vary mxu.count=1..4 --vary pipeline.width=1,2,4
  lasm sweep programs/models/adder-gpt2 --prompt 12+34= --vary machine=gemmini16,tomasulo --vary level=0..2
  lasm sweep model.onnx --vary mxu.rows=8..64*2 --vary mxu.columns=8..64*2 --out results --shard 3/50
  lasm sweep model.onnx --vary mxu.rows=8..64*2 --vary mxu.columns=8..64*2 --out results --merge

With --out every finished point is a file, and the same command runs only what is missing. Exit codes:
0: every point has its cycles; 1: a point has none, or is missing; 2: the command line cannot be obeyed;
130: stopped by Ctrl-C, and what was finished is kept.`;

/** Adds the command. */
export function addSweep(program: Command): void {
  const command = program
    .command('sweep')
    .description('run a program or model on many machines: what would more hardware buy?')
    .option('--vary <key=list>', 'what varies; may be given again', collect)
    .option('--out <dir>', 'keep every point there, with a table and a plot at the end')
    .option('--shard <i/n>', 'run every n-th point only, beginning with the i-th', parseShard)
    .option('--merge [dirs...]', 'run nothing; gather points from these folders into --out')
    .option('--skip-impossible', 'leave out combinations that make no machine')
    .option('--cost <names>', 'what hardware costs, for the Pareto front (default: what varies)')
    .option('--svg <path>', 'draw the plot to a file')
    .option('--workers <n>', 'how many run at once (default: one for each core)', parseCount)
    .option('--json', 'print all results as JSON');
  addLightOptions(addSubjectOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: SweepFlags) => {
      goOn(sweep(path, flags));
    });
}

/** What is run, and how. */
function addSubjectOptions(command: Command): Command {
  return command
    .argument('<file>', 'a .lasm or .lbin file, or a model as lasm infer and lasm generate take it')
    .option('-m, --machine <name|file>', 'the machine as it is', DEFAULT_MACHINE)
    .option('-p, --param <name=value>', 'programs: override a .param', collectParams)
    .option('--set <symbol=path.npy>', 'programs: replace a data symbol', collectPairs)
    .addOption(rootOption())
    .addOption(
      new Option('-O, --level <n>', 'models: how much the compiler does (default: 1; 2 for text)')
        .choices(['0', '1', '2']), // prettier-ignore
    )
    .option('--input <name=file>', 'models: values of an input: .npy, .json or .pb', collectPairs)
    .option('--dim <name=n>', 'models: a size that an ONNX file leaves open', collectDims)
    .option('--text <text>', 'models: the input of an encoder that has a tokenizer')
    .option('--length <n>', 'models: tokens of an encoder', parseCount)
    .option('--prompt <text>', 'models that write text: the prompt')
    .option('--tokens <list>', 'the prompt as token numbers: 3,7,10', parseTokens)
    .option('--max-new-tokens <n>', 'models that write text: the most (default 64)', parseCount)
    .option('--context <n>', 'models that write text: positions to make room for', parseCount)
    .option('--seed <n>', 'programs: seed of ECALL.SAMPLE', parseSeed)
    .option(
      '--max-cycles <n>',
      'give a point up behind this many (default 100 million)',
      parseCount,
    )
    .option('--max-instructions <n>', 'give up behind this many (default 100 million)', parseCount);
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function parseShard(text: string): { number: number; of: number } {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (number !== undefined && of !== undefined && number >= 1 && number <= of) {
    return { number, of };
  }
  throw new InvalidArgumentError('write I/N, such as 3/50, with I from 1 to N');
}
