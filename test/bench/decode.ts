/** What the machine costs beside its kernels: a decode phase of a model with values, with timing too, and directly. */
import { staticInstruction } from '../../isa/registers.ts';
import { buildLanguageModel } from '../../src/inference/build.ts';
import { openSource } from '../../src/inference/source.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runBlockBooks } from '../../src/timing/books/index.ts';
import { StepBlock } from '../../src/vm/step-block.ts';
import type { VmSnapshot } from '../../src/vm/vm.ts';
import { Vm } from '../../src/vm/vm.ts';
import { DirectRun, recordCalls } from './direct.ts';
import { medianOf } from './measure.ts';

const MODEL = 'programs/models/verse-llama';
const MACHINES = ['classic5-fwd', 'gemmini16'];
const PROMPT = [65, 22, 15, 27, 22, 19, 30, 10];
const DECODED_TOKENS = 16;
const ROUNDS = 15;

function modelProgram(): Program {
  const source = openSource(MODEL);
  if (source.kind !== 'language') throw new Error('invariant: the model writes text');
  const options = { level: 2, tile: 16, sampling: { temperature: 0 } } as const;
  return buildLanguageModel(source.model, { ...options, maxNewTokens: DECODED_TOKENS + 1 }).program;
}

/** The machine before its first decode pass. */
function beforeDecode(program: Program): { readonly vm: Vm; readonly start: VmSnapshot } {
  const vm = new Vm(program, { promptTokens: PROMPT });
  const step = program.labels.find(({ name }) => name === 'step')!.target;
  for (let at = vm.next(); at?.nextPc !== step; at = vm.next());
  return { vm, start: vm.snapshot() };
}

/** Prints how much longer the machine takes than its kernels called directly, and how fast it is. */
export function benchDecode(): void {
  const program = modelProgram();
  const { vm, start } = beforeDecode(program);
  const direct = new DirectRun(program, start, recordCalls(vm));
  const executed = vm.instructions - start.instructions;
  const end = vm.snapshot();
  const block = new StepBlock();
  const code = program.code.map(staticInstruction);
  const runs: Readonly<Record<string, () => void>> = {
    direct: () => {
      direct.run();
    },
    'values alone': () => {
      for (vm.fill(block); block.count > 0; vm.fill(block));
    },
    ...Object.fromEntries(
      MACHINES.map((name) => {
        const machine = findPreset(name)!;
        return [`values and books, ${name}`, () => void runBlockBooks(machine, code, vm)];
      }),
    ),
  };
  const names = Object.keys(runs);
  const times = new Map(names.map((name): [string, number[]] => [name, []]));
  for (let round = -3; round < ROUNDS; round++) {
    for (const name of names) {
      vm.restore(start);
      direct.restore();
      const ms = processorMs(runs[name]!);
      if (round >= 0) times.get(name)!.push(ms);
      requireSame(name === 'direct' ? direct.memory() : vm.snapshot().memory, end.memory);
    }
  }
  for (const name of names) print(name, times.get(name)!, times.get('direct')!, executed);
}

/** Time of the processor, not of the clock: what else the host does counts less. */
function processorMs(run: () => void): number {
  const began = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e3;
}

function print(
  name: string,
  times: readonly number[],
  direct: readonly number[],
  executed: number,
): void {
  const ms = medianOf(times);
  const ratios = times.map((time, i) => time / direct[i]!).sort((a, b) => a - b);
  const [low, middle, high] = [0.1, 0.5, 0.9].map((at) =>
    ratios[Math.floor(at * ratios.length)]!.toFixed(2),
  );
  const best = (Math.min(...times) / Math.min(...direct)).toFixed(2);
  const nanoseconds = ((Math.min(...times) * 1e6) / executed).toFixed(0);
  const tokens = ((DECODED_TOKENS / ms) * 1e3).toFixed(0);
  const speed = (executed / ms / 1e3).toFixed(2);
  console.log(
    `decode, ${name}: ${middle} × direct (${low} to ${high}; fastest by fastest ${best}), ` +
      `${tokens} tokens/s, ${speed} M instructions/s, at best ${nanoseconds} ns each`,
  );
}

function requireSame(mine: Int32Array, wanted: Int32Array): void {
  const differs = mine.length !== wanted.length || mine.some((word, i) => word !== wanted[i]);
  if (differs) throw new Error('invariant: a decode phase has other bits');
}
