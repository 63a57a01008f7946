/** How many instructions the machine executes in a second, the quick way with fast kernels and the plain way. */
import type { Program } from '../../src/program/program.ts';
import { StepBlock } from '../../src/vm/step-block.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import { medianOf, ratioOf, takeTurns } from './measure.ts';

const LOOPS = 5000;

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

function run(program: Program, plainKernels: boolean): number {
  const vm = new Vm(program, { plainKernels });
  const block = new StepBlock();
  for (vm.fill(block); block.count > 0; vm.fill(block));
  if (vm.trap) throw new Error(`invariant: ${vm.trap.message}`);
  return vm.instructions;
}

/** Prints the speed of programs whose instructions are products, small products and scalar arithmetic. */
export function benchVm(): void {
  const programs = { '16×16×16': products(16), '1×16×16': products(1), 'no products': SCALARS };
  for (const [name, text] of Object.entries(programs)) {
    const program = assembleText(text);
    const runs = [false, true].map((isPlain) => () => {
      run(program, isPlain);
    });
    const [fast, plain] = takeTurns(runs, 1) as [number[], number[]];
    const speed = ((run(program, false) / medianOf(fast)) * 1e3).toFixed(2);
    console.log(
      `machine, ${name}: ${speed} M instructions/s, ${ratioOf(plain, fast)} the plain way`,
    );
  }
}
