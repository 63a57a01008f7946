/** How many instructions the machine executes in a second, the quick way with fast kernels and the plain way. */
import type { Program } from '../../src/program/program.ts';
import { StepBlock } from '../../src/vm/step-block.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';

const LOOPS = 1000;

/** Products of `rows` × 16 by 16 × 16, chained and transposed, in a loop. */
const products = (rows: number) => `
        .tile     16
        .data
X:      .f32      ${rows}, 16 = normal(0, 1, seed=1)
W:      .f32      16, 16 = normal(0, 1, seed=2)
        .text
        LOAD      t0, [X]
        LOAD      t1, [W]
        LI        r1, ${LOOPS}
again:
        MATMUL    t2, t0, t1
        MATMUL.ACC t2, t0, t1
        MATMUL.T  t3, t0, t1
        MATMUL.ACC t3, t0, t1
        IADD      r1, r1, -1
        BNE       r1, 0, again
        HALT
`;

const SCALARS = `
        LI        r1, ${LOOPS * 4}
again:
        IADD      r2, r1, 5
        IMUL      r3, r2, r1
        IADD      r1, r1, -1
        BNE       r1, 0, again
        HALT
`;

/** Name → source, and a third of what is typical. */
const PROGRAMS: Readonly<Record<string, readonly [source: string, limit: number]>> = {
  'products 16×16×16': [products(16), 5],
  'products 1×16×16': [products(1), 1.5],
  'scalars alone': [SCALARS, 1],
};

/** A run to its end. */
function run(program: Program, plainKernels: boolean): Vm {
  const vm = new Vm(program, { plainKernels });
  const block = new StepBlock();
  for (vm.fill(block); block.count > 0; vm.fill(block));
  if (vm.trap) throw new Error(`invariant: ${vm.trap.message}`);
  return vm;
}

/** Programs whose instructions are products, small products and scalar arithmetic. */
export function* machineRows(): Generator<Row> {
  for (const [name, [source, limit]] of Object.entries(PROGRAMS)) {
    const program = assembleText(source);
    yield {
      name,
      mine: () => void run(program, false),
      other: { name: 'the plain way', side: () => void run(program, true) },
      figure: rateOf(run(program, false).instructions, 'instr'),
      limit,
    };
  }
}
