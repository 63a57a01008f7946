/** The piece of the pipeline that is drawn without being asked for. */
import type { Machine } from '../machine/machine.ts';
import type { Program } from '../program/program.ts';
import type { Diagram, DiagramOptions } from '../reports/diagram.ts';
import { createDiagram } from '../reports/diagram.ts';
import type { Report } from '../reports/report.ts';
import type { RunOptions, RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import { outputWidth } from './output.ts';

/** Runs of at most so many instructions are drawn whole. */
const SHORT_RUN = 16;
const MAX_ROWS = 12;

/** A second run of more cycles than this would be felt. */
const MAX_CYCLES = 200_000;

/**
 * The whole of a short run, or the surroundings of the largest wait; '' where there is nothing to
 * see. Which wait is largest is known only behind the run, so the program runs a second time.
 */
export function sampleDiagram(
  program: Program,
  machine: Machine,
  { report, trap }: RunResult,
  options: RunOptions,
): string {
  const range = rangeOf(report);
  if (!range || trap || report.cycles > MAX_CYCLES) return '';
  let diagram: Diagram | undefined;
  runProgram(program, machine, {
    ...options,
    listeners: (header) => {
      diagram = createDiagram(header, { width: outputWidth(), maxRows: MAX_ROWS, ...range });
      return [diagram.listen];
    },
  });
  return `${titleOf(range)}\n${diagram?.render() ?? ''}`;
}

function rangeOf({ instructions, edges }: Report): DiagramOptions | undefined {
  if (instructions === 0) return undefined;
  if (instructions <= SHORT_RUN) return { maxRows: SHORT_RUN };
  const example = edges[0]?.example;
  if (!example || example.producerIssueCycle < 0) return undefined;
  return { from: example.producerIssueCycle, to: example.startCycle + example.cycles };
}

function titleOf({ from, to }: DiagramOptions): string {
  if (from === undefined || to === undefined) return 'The pipeline';
  return `The pipeline at the largest wait, cycles ${from} to ${to} (--diagram FROM:TO draws others)`;
}
