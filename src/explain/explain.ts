/** Explaining a run: what each wait really costs, what bounds it, its critical path, what would help. */
import type { Machine } from '../machine/machine.ts';
import type { Program } from '../program/program.ts';
import { grouped, percent, plural } from '../reports/format.ts';
import { Names } from '../reports/names.ts';
import type { BoundName, Edge, Report } from '../reports/report.ts';
import type { RunOptions, RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import { runHeader } from '../run/header.ts';
import type { RunHeader } from '../timing/events.ts';
import type { PathRow } from './fold-path.ts';
import { foldPath } from './fold-path.ts';
import type { Change } from './measure.ts';
import { liftEdge, measureCycles } from './measure.ts';
import { PathRecorder } from './path.ts';
import type { SensitivityRow } from './sensitivity.ts';
import { variantsOf } from './sensitivity.ts';

/** A wait of the report, and the run without it. */
export interface MeasuredWait {
  readonly edge: Edge;
  /** Cycles of the run in which this wait, in all its occurrences, does not count. */
  readonly cyclesWithout: number;
  /** Cycles of the run − cyclesWithout; below 0 when the run becomes slower. */
  readonly saving: number;
  /** `line 14 MATMUL t4 waited 27 cycles for t1: …. Alone it would save 19.` */
  readonly sentence: string;
}

export interface BoundSentence {
  readonly name: BoundName;
  readonly cycles: number;
  readonly sentence: string;
}

export interface Explanation {
  readonly schema: 'lasm-explain/1';
  readonly program: Report['program'];
  readonly machine: Report['machine'];
  readonly cycles: number;
  readonly instructions: number;
  /** The heaviest waits, most cycles first. */
  readonly waits: readonly MeasuredWait[];
  /** Waits that were not measured. */
  readonly otherWaits: number;
  readonly bounds: readonly BoundSentence[];
  /** null when the run is too long to be remembered. */
  readonly path: { readonly rows: readonly PathRow[]; readonly drainCycles: number } | null;
  /** The machine as it is, then each change that applies to it. */
  readonly sensitivity: readonly SensitivityRow[];
  /** What was left out because the run is long; '' when nothing was. */
  readonly note: string;
}

export interface ExplainOptions extends RunOptions {
  /** Waits to measure at most. */
  readonly top?: number;
  /** Told before each simulation, and behind the last. */
  readonly onProgress?: (done: number, total: number) => void;
}

export const DEFAULT_TOP = 8;
/** Of a longer run fewer waits are measured. */
export const LONG_RUN_CYCLES = 200_000;
export const LONG_RUN_TOP = 3;

/** The run, and its explanation unless it came to no end. */
export interface Explained {
  readonly run: RunResult;
  readonly explanation: Explanation | undefined;
}

/** Runs a program, and again without each of its heaviest waits and on each changed machine. */
export function explain(
  program: Program,
  machine: Machine,
  options: ExplainOptions = {},
): Explained {
  const header = runHeader(program, machine);
  const path = new PathRecorder(header);
  const listeners = () => [path.listen, ...(options.listeners?.(header) ?? [])];
  const run = runProgram(program, machine, { ...options, listeners });
  const { report, trap } = run;
  if (trap) return { run, explanation: undefined };
  const measured = measure(program, header, report, options);
  const traced = path.finish();
  const { cycles, instructions } = report;
  const explanation: Explanation = {
    schema: 'lasm-explain/1',
    program: report.program,
    machine: report.machine,
    cycles,
    instructions,
    ...measured,
    bounds: boundSentences(report),
    path: traced ? { rows: foldPath(traced), drainCycles: traced.drainCycles } : null,
  };
  return { run, explanation };
}

type Measured = Pick<Explanation, 'waits' | 'otherWaits' | 'sensitivity' | 'note'>;

function measure(
  program: Program,
  header: RunHeader,
  { cycles, edges }: Report,
  options: ExplainOptions,
): Measured {
  const wanted = options.top ?? DEFAULT_TOP;
  const isLong = cycles > LONG_RUN_CYCLES;
  const top = isLong ? Math.min(wanted, LONG_RUN_TOP) : wanted;
  const { machine } = header;
  const names = new Names(header.program.listing);
  const heaviest = edges.filter(({ producer }) => producer !== null).slice(0, top);
  const variants = variantsOf(machine);
  const total = heaviest.length + variants.length;
  let done = 0;
  const simulate = (change: Change) => {
    options.onProgress?.(done++, total);
    return measureCycles(program, change, options);
  };
  const waits = heaviest.map((edge) => {
    const cyclesWithout = simulate({ machine, lifted: liftEdge(edge, names) });
    const saving = cycles - cyclesWithout;
    return { edge, cyclesWithout, saving, sentence: `${edge.sentence} ${savingSentence(saving)}` };
  });
  const asItIs: SensitivityRow = { change: 'the machine as it is', cycles, difference: 0 };
  const rows = variants.map(({ change, ...changed }): SensitivityRow => {
    const result = simulate(changed);
    return { change, cycles: result, difference: result - cycles };
  });
  options.onProgress?.(total, total);
  const note = isLong && top < wanted ? longNote(cycles, top) : '';
  return { waits, otherWaits: edges.length - waits.length, sensitivity: [asItIs, ...rows], note };
}

function savingSentence(saving: number): string {
  const anomaly = saving < 0 ? ': a scheduling anomaly' : '';
  return `Alone it would save ${saving < 0 ? '−' : ''}${grouped(Math.abs(saving))}${anomaly}.`;
}

function longNote(cycles: number, top: number): string {
  return (
    `the run takes ${grouped(cycles)} cycles, more than ${grouped(LONG_RUN_CYCLES)}: ` +
    `only the ${top} heaviest waits were measured`
  );
}

/** `If only mxu limited you, the run would take at least 51 cycles (63.8 % of 80).` */
function boundSentences({ bound, cycles, issueWidth }: Report): BoundSentence[] {
  return bound.all.map(({ name, cycles: least }) => {
    const share = percent((100 * least) / cycles);
    const sentence = `If only ${limitOf(name, issueWidth)} limited you, the run would take at least ${plural(least, 'cycle')} (${share} of ${grouped(cycles)}).`;
    return { name, cycles: least, sentence };
  });
}

function limitOf(name: BoundName, issueWidth: number): string {
  switch (name) {
    case 'dataflow':
      return 'waiting for results';
    case 'execute':
      return 'EX, which holds one instruction at a time,';
    case 'issue':
      return `issuing ${plural(issueWidth, 'instruction')} in a cycle`;
    default:
      return name.slice('unit.'.length);
  }
}
