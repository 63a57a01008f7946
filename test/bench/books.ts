/** Timing alone, with whole books and no events: how it compares with the engine that tells them. */
import { staticInstruction } from '../../isa/registers.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runBlockBooks } from '../../src/timing/books/index.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { Step } from '../../src/vm/step.ts';
import type { BlockSource } from '../../src/vm/step-block.ts';
import { BLOCK_STEPS, WorkTable } from '../../src/vm/step-block.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import { PROMPT, builtModel } from './models.ts';
import { TILED_PRODUCT } from './programs.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';

/** Machine → a third of what is typical of compiled code; one of each kind of pipeline has a limit. */
const MACHINES: Readonly<Record<string, number | undefined>> = {
  'classic5-fwd': 3,
  gemmini16: undefined,
  multicycle: 3,
  cached: undefined,
  scoreboard: 0.6,
  tomasulo: 1.5,
};
const STEPS = 40_000;
/** An event costs many times what a charge does. */
const HEARD_SHARE = 0.1;

/** The steps of a short run but for its first and last, over and over: no machine in the measurement. */
function recorded(program: Program) {
  const vm = new Vm(program, { promptTokens: PROMPT });
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  const period = steps.slice(1, -1);
  return { code: program.code.map(staticInstruction), period, blocks: blocksOf(period) };
}

function sourceOf(period: readonly Step[], count: number) {
  let left = count;
  let at = 0;
  const next = (): Step | undefined => {
    if (left-- <= 0) return undefined;
    if (at === period.length) at = 0;
    return period[at++];
  };
  return { next };
}

/** The same steps in columns, which cost the measurement no more than a copy. */
function blocksOf(period: readonly Step[]): (count: number) => BlockSource {
  const works = new WorkTable();
  const numbers = new Map(period.map(({ work }) => [work, works.numberOf(work)]));
  const pcs = Int32Array.from(period, ({ pc }) => pc);
  const nextPcs = Int32Array.from(period, ({ nextPc }) => nextPc);
  const workNumbers = Int32Array.from(period, ({ work }) => numbers.get(work)!);
  const addresses = Float64Array.from(period, ({ work: w }) =>
    w.kind === 'memory' ? w.address : 0,
  );
  return (count) => {
    let left = count;
    let at = 0;
    return {
      works,
      segmentCount: 1,
      fill(block) {
        if (at === period.length) at = 0;
        const end = Math.min(at + BLOCK_STEPS, at + left, period.length);
        block.pc.set(pcs.subarray(at, end));
        block.nextPc.set(nextPcs.subarray(at, end));
        block.work.set(workNumbers.subarray(at, end));
        block.address.set(addresses.subarray(at, end));
        block.count = end - at;
        left -= block.count;
        at = end;
      },
    };
  };
}

/** Every machine, for code as people write it and as the compiler does, which alone has limits. */
export function* bookRows(isShort: boolean): Generator<Row> {
  if (!isShort) yield* rowsOf('by hand', assembleText(TILED_PRODUCT), {});
  yield* rowsOf('compiled', builtModel().program, MACHINES);
}

function* rowsOf(
  title: string,
  program: Program,
  limits: Readonly<Record<string, number | undefined>>,
): Generator<Row> {
  const { code, period, blocks } = recorded(program);
  const options = { maxCycles: Number.MAX_SAFE_INTEGER };
  const heardSteps = STEPS * HEARD_SHARE;
  for (const name of Object.keys(MACHINES)) {
    const machine = findPreset(name)!;
    const heard = () => {
      runEvents(machine, code, sourceOf(period, heardSteps), () => undefined, options);
    };
    yield {
      name: `${name}, ${title}`,
      mine: () => void runBlockBooks(machine, code, blocks(STEPS), options),
      other: { name: 'events with a listener', side: heard, share: HEARD_SHARE },
      figure: rateOf(STEPS, 'instr'),
      ...(limits[name] === undefined ? {} : { limit: limits[name] }),
    };
  }
}
