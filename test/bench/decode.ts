/** What the machine costs beside its kernels: decode steps of a model with values, with timing too, and directly. */
import { staticInstruction } from '../../isa/registers.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runBlockBooks } from '../../src/timing/books/index.ts';
import { StepBlock } from '../../src/vm/step-block.ts';
import type { VmSnapshot } from '../../src/vm/vm.ts';
import { Vm } from '../../src/vm/vm.ts';
import { DirectRun, recordCalls } from './direct.ts';
import { DECODED_TOKENS, PROMPT, builtModel } from './models.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';
import type { Prepared } from './timer.ts';

/** Machine → three times what is typical. */
const MACHINES: Readonly<Record<string, number>> = { 'classic5-fwd': 6, gemmini16: 8 };
const LIMIT_OF_VALUES = 4;

/** The machine before its first decode step. */
function beforeDecode(program: Program): { readonly vm: Vm; readonly start: VmSnapshot } {
  const vm = new Vm(program, { promptTokens: PROMPT });
  const step = program.labels.find(({ name }) => name === 'step')!.target;
  for (let at = vm.next(); at?.nextPc !== step; at = vm.next());
  return { vm, start: vm.snapshot() };
}

/** The machine, and the machine with its books, each beside nothing but the kernel calls of the same run. */
export function* decodeRows(): Generator<Row> {
  const { program } = builtModel();
  const { vm, start } = beforeDecode(program);
  const calls = new DirectRun(program, start, recordCalls(vm));
  const end = vm.snapshot().memory;
  const block = new StepBlock();
  const code = program.code.map(staticInstruction);
  const direct = {
    before: () => {
      calls.restore();
    },
    run: () => {
      calls.run();
    },
  };
  const machine = (run: () => void) => ({
    before: () => {
      vm.restore(start);
    },
    run,
  });
  const rowOf = (name: string, side: Prepared, limit: number): Row => {
    requireSameEnd(direct, () => calls.memory(), end);
    requireSameEnd(side, () => vm.snapshot().memory, end);
    const other = { name: 'its kernels called directly', side: direct, isPart: true } as const;
    return { name, mine: side, other, figure: rateOf(DECODED_TOKENS, 'tokens'), limit };
  };
  const values = machine(() => {
    for (vm.fill(block); block.count > 0; vm.fill(block));
  });
  yield rowOf('values', values, LIMIT_OF_VALUES);
  for (const [name, limit] of Object.entries(MACHINES)) {
    const preset = findPreset(name)!;
    const books = machine(() => void runBlockBooks(preset, code, vm));
    yield rowOf(`values and books, ${name}`, books, limit);
  }
}

/** Throws unless the side leaves the same memory behind. */
function requireSameEnd({ before, run }: Prepared, memory: () => Int32Array, end: Int32Array) {
  before();
  run();
  const mine = memory();
  const differs = mine.length !== end.length || mine.some((word, i) => word !== end[i]);
  if (differs) throw new Error('invariant: a way to decode leaves another memory behind');
}
