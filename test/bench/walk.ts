/** Time without values: walking a compiled program, and estimates that repeat the rounds of loops. */
import { passBooks } from '../../src/estimate/books.ts';
import { languagePass } from '../../src/estimate/pass.ts';
import { openConfiguration } from '../../src/inference/unweighted.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { BlockSource } from '../../src/vm/step-block.ts';
import { StepBlock } from '../../src/vm/step-block.ts';
import { Vm } from '../../src/vm/vm.ts';
import { Walker } from '../../src/walk/walker.ts';
import { PROMPT, builtModel } from './models.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';
import type { Prepared } from './timer.ts';

const CONFIGURATION = 'test/bench/small-llama.json';
const CONTEXT = 256;

/** Machine → a third of what is typical; where rounds seldom repeat exactly there is nothing to hold on to. */
const MACHINES: Readonly<Record<string, number | undefined>> = {
  'classic5-fwd': 1.5,
  gemmini16: undefined,
};
const LIMIT_OF_WALK = 1.2;

/** A walk, and one decode step of a model that has no weights. */
export function* walkRows(isShort: boolean): Generator<Row> {
  yield walkRow();
  yield* estimateRows(isShort);
}

/** The same program and prompt; neither is timed. */
function walkRow(): Row {
  const { program } = builtModel();
  const options = { promptTokens: PROMPT };
  const [walked, executed] = [
    toTheEnd(new Walker(program, options)),
    toTheEnd(new Vm(program, options)),
  ];
  return {
    name: 'a walk through a compiled model',
    mine: fresh(() => new Walker(program, options)),
    other: {
      name: 'the machine with values',
      side: fresh(() => new Vm(program, options)),
      share: executed / walked,
    },
    figure: rateOf(walked, 'instr'),
    limit: LIMIT_OF_WALK,
  };
}

type Source = BlockSource & Pick<Vm, 'instructions' | 'trap'>;

/** A run from the start, without the decoding before it. */
function fresh(make: () => Source): Prepared {
  let source: Source;
  return {
    before: () => {
      source = make();
    },
    run: () => void toTheEnd(source),
  };
}

/** The instructions of a run. */
function toTheEnd(source: Source): number {
  const block = new StepBlock();
  for (source.fill(block); block.count > 0; source.fill(block));
  if (source.trap) throw new Error(`invariant: ${source.trap.message}`);
  return source.instructions;
}

function* estimateRows(isShort: boolean): Generator<Row> {
  const opened = openConfiguration(CONFIGURATION, { rows: 1, context: CONTEXT });
  if (opened.kind !== 'language') throw new Error(`${CONFIGURATION} does not generate`);
  const counts = { rows: 1, position: CONTEXT - 1, context: CONTEXT };
  const pass = languagePass(opened.model, { routines: ['decode'], counts }, { level: 2, tile: 16 });
  for (const [name, limit] of Object.entries(MACHINES)) {
    if (isShort && limit === undefined) continue;
    const machine = findPreset(name)!;
    const estimate = (everyRound: boolean) => passBooks(pass, machine, { everyRound });
    const [short, whole] = [estimate(false), estimate(true)];
    if (short.cycles !== whole.cycles) throw new Error('invariant: an estimate of other cycles');
    yield {
      name: `estimate of a Llama, ${name}`,
      mine: () => void estimate(false),
      other: { name: '--every-round', side: () => void estimate(true) },
      figure: rateOf(short.instructions, 'instr'),
      ...(limit === undefined ? {} : { limit }),
    };
  }
}
