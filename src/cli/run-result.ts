/** What `lasm run` says of a run: as text, as JSON, and what went wrong. */
import { renderDiagnostics } from '../diagnostics/render.ts';
import type { DataSymbol, Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import { renderReport } from '../reports/text.ts';
import type { ExpectationResult } from '../run/expectations.ts';
import { symbolTensor } from '../run/outputs.ts';
import type { RunResult } from '../run/run.ts';
import type { Trap } from '../vm/trap.ts';
import { markFailed, outputWidth, printError, wantsColour } from './output.ts';
import { showSymbol } from './show.ts';

/** The report with what the program computed and expected; report.schema.json describes it. */
export function resultJson(result: RunResult, dumped: readonly DataSymbol[]) {
  const { report, vm, trap, expectations } = result;
  const outputs = dumped.map((symbol) => {
    const { shape, dtype, data } = symbolTensor(vm, symbol);
    return [symbol.name, { shape, dtype, data: [...data] }];
  });
  return {
    ...report,
    trap: trap ?? null,
    tokens: vm.emittedTokens,
    expectations,
    outputs: Object.fromEntries(outputs) as unknown,
  };
}

export interface TextOptions {
  readonly dumped: readonly DataSymbol[];
  /** A pipeline diagram, or ''. */
  readonly drawing: string;
  /** Leaves out everything but values. */
  readonly quiet: boolean;
}

/** Values first, then the report, the diagram and the expectations. */
export function resultText(
  { vm, trap, report, expectations }: RunResult,
  { dumped, drawing, quiet }: TextOptions,
): string {
  const { program } = vm;
  const shows = trap ? [] : program.shows;
  const blocks = [
    ...shows.map(({ symbol, title }) => showSymbol(vm, findSymbol(program, symbol)!, title)),
    ...dumped.map((symbol) => showSymbol(vm, symbol, symbol.name)),
  ];
  if (vm.emittedTokens.length > 0) blocks.push(`tokens: ${vm.emittedTokens.join(' ')}`);
  if (!quiet) {
    const colour = wantsColour('stdout');
    blocks.push(renderReport(report, { width: outputWidth(), colour }).trimEnd());
  }
  if (drawing !== '') blocks.push(drawing);
  if (!quiet && expectations.length > 0) blocks.push(expectationLine(expectations));
  return blocks.join('\n\n');
}

function expectationLine(expectations: readonly ExpectationResult[]): string {
  const count = (status: string) => expectations.filter((e) => e.status === status).length;
  const parts = [`${count('passed')} passed`, `${count('failed')} failed`];
  const skipped = count('skipped');
  if (skipped > 0) parts.push(`${skipped} not for this run`);
  return `Expectations: ${parts.join(', ')}`;
}

/** Prints the trap and the failed expectations, and lets the command fail. */
export function printFailures(program: Program, { trap, expectations }: RunResult): void {
  if (trap) {
    markFailed();
    printError(renderTrap(program, trap));
  }
  for (const { status, text, file, line, message } of expectations) {
    if (status !== 'failed') continue;
    markFailed();
    printError(`${file}:${line}: expectation failed: ${text}\n  ${message}`);
  }
}

function renderTrap(program: Program, { code, message, hint, pc, index, span }: Trap): string {
  const sources = new Map(program.sources.map(({ file, text }) => [file, text]));
  const where = `trap in instruction ${pc} (the ${index + 1}. executed): ${message}`;
  const diagnostic = { severity: 'error', code, message: where, span, hint } as const;
  return renderDiagnostics([diagnostic], sources, { colour: wantsColour('stderr') });
}
