/** Timing alone, with whole books and no events: how it compares with the engines that tell them. */
import { staticInstruction } from '../../isa/registers.ts';
import { buildLanguageModel } from '../../src/inference/build.ts';
import { openSource } from '../../src/inference/source.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runBlockBooks, runBooks } from '../../src/timing/books/index.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { Step } from '../../src/vm/step.ts';
import type { BlockSource } from '../../src/vm/step-block.ts';
import { BLOCK_STEPS, WorkTable } from '../../src/vm/step-block.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import { measure, rate } from './measure.ts';
import { TILED_PRODUCT, loopedHazards } from './programs.ts';

const MACHINES = ['classic5-fwd', 'gemmini16', 'multicycle', 'cached', 'scoreboard', 'tomasulo'];
const STEPS = 500_000;
const MODEL = 'programs/models/verse-llama';
const PROMPT = [1, 20, 30, 40];
/** An event costs many times what a charge does. */
const HEARD_SHARE = 10;

/** A small language model at -O2: what most runs that are long are like. */
function compiledModel(): Program {
  const source = openSource(MODEL);
  if (source.kind !== 'language') throw new Error(`${MODEL} does not generate`);
  const sampling = { temperature: 0 };
  return buildLanguageModel(source.model, { level: 2, tile: 16, sampling, maxNewTokens: 8 })
    .program;
}

/** The steps of a short run but for its first and last, over and over: no VM in the measurement. */
function looped(program: Program) {
  const vm = new Vm(program, { promptTokens: PROMPT });
  const steps: Step[] = [];
  for (let step = vm.next(); step; step = vm.next()) steps.push(step);
  const period = steps.slice(1, -1);
  const source = (count: number) => {
    let left = count;
    let at = 0;
    const next = (): Step | undefined => {
      if (left-- <= 0) return undefined;
      if (at === period.length) at = 0;
      return period[at++];
    };
    return { next };
  };
  return { code: program.code.map(staticInstruction), source, blocks: blocksOf(period) };
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

/** Instructions for each second, and how many times what the engine with a listener does. */
export function benchBooks(): void {
  const programs = {
    'a dependent load': assembleText(loopedHazards(100).get('raw')!),
    'tiled product': assembleText(TILED_PRODUCT),
    'compiled model': compiledModel(),
  };
  const limits = { maxCycles: Number.MAX_SAFE_INTEGER };
  for (const [title, program] of Object.entries(programs)) {
    const { code, source, blocks } = looped(program);
    for (const name of MACHINES) {
      const machine = findPreset(name)!;
      const books = measure(() => void runBooks(machine, code, source(STEPS), limits));
      const inBlocks = measure(() => void runBlockBooks(machine, code, blocks(STEPS), limits));
      const heard = measure(() => {
        runEvents(machine, code, source(STEPS / HEARD_SHARE), () => undefined, limits);
      });
      const ratio = (heard.medianMs * HEARD_SHARE) / books.medianMs;
      const speed = rate(STEPS, 'instructions', books);
      console.log(`books, ${name}, ${title}: ${speed}, ${ratio.toFixed(1)} × with a listener`);
      console.log(`  the same in blocks of steps: ${rate(STEPS, 'instructions', inBlocks)}`);
    }
  }
}
