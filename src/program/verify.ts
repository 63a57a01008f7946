/** What can be known to be wrong with a program before it runs. */
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { labelTarget, reachableBlocks } from './flow.ts';
import type { Program } from './program.ts';
import { Analysis } from './verify-fixpoint.ts';
import type { Report } from './verify-report.ts';

interface Finding {
  readonly pc: number;
  readonly diagnostic: Diagnostic;
}

/**
 * Every mistake that can be seen without running: registers read before they are written, shapes
 * that do not fit, memory accesses that leave memory, and control that goes nowhere.
 *
 * The program is interpreted with what is known of shapes and integers in place of values. An error
 * is certain to trap when its instruction is reached; a warning may be meant. In program order.
 */
export function verifyProgram(program: Program): Diagnostic[] {
  if (program.code.length === 0) return [emptyProgram(program)];
  const findings: Finding[] = [];
  let pc = 0;
  const report: Report = (code, message, more) => {
    const span = program.spans[pc];
    findings.push({ pc, diagnostic: { severity: 'error', code, message, span, ...more } });
  };
  // One function for all instructions: each is looked at before the next.
  const reportAt = (at: number): Report => {
    pc = at;
    return report;
  };
  if (hasUndefinedTarget(program, reportAt)) return inOrder(findings);
  const analysis = new Analysis(program);
  analysis.flow.blocks.forEach((_, block) => {
    analysis.report(block, reportAt);
  });
  reportExits(program, analysis, reportAt);
  reportUnreachable(analysis, reportAt);
  return inOrder(findings);
}

function inOrder(findings: readonly Finding[]): Diagnostic[] {
  return findings.toSorted((a, b) => a.pc - b.pc).map(({ diagnostic }) => diagnostic);
}

function emptyProgram(program: Program): Diagnostic {
  const file = program.sources.at(0)?.file ?? program.name;
  const span: Span = { file, line: 1, column: 1, length: 1 };
  const hint = 'write instructions in the .text section';
  const message = 'the program has no instructions';
  return { severity: 'error', code: 'empty-program', message, span, hint };
}

/** Without sound targets there is no flow to analyse. */
function hasUndefinedTarget(program: Program, reportAt: (pc: number) => Report): boolean {
  let found = false;
  const { code } = program;
  for (let pc = 0; pc < code.length; pc++) {
    const target = labelTarget(code[pc]) ?? 0;
    if (Number.isInteger(target) && target >= 0 && target <= code.length) continue;
    found = true;
    reportTarget(reportAt(pc), target, code.length);
  }
  return found;
}

function reportTarget(report: Report, target: number, length: number): void {
  report('undefined-target', `code address ${target} is outside the program's 0 to ${length - 1}`, {
    hint: 'jump to a label, or to an address that a call has left in its register',
  });
}

function reportExits(program: Program, analysis: Analysis, reportAt: (pc: number) => Report): void {
  const { length } = program.code;
  const canHalt = program.code.some(({ definition }) => definition.control === 'halt');
  if (!canHalt) {
    reportAt(length - 1)('no-halt', 'no instruction ends the program', {
      hint: 'a program has to say where it ends: put HALT behind its last instruction',
    });
  }
  for (const [pc, target] of analysis.exits) {
    if (target !== length) reportTarget(reportAt(pc), target, length);
    else if (canHalt) {
      reportAt(pc)('falls-off-end', 'control can run past the last instruction from here', {
        hint: 'end every path with HALT or a jump',
      });
    }
  }
}

/** One warning for each run of instructions that no path leads to. */
function reportUnreachable({ flow }: Analysis, reportAt: (pc: number) => Report): void {
  // What comes behind a call counts as reached with the call; without calls, any label may be meant.
  const reached = reachableBlocks(flow, 0, true, flow.calls.size === 0 ? flow.labels : []);
  flow.blocks.forEach(({ start }, block) => {
    if (reached.has(block) || (block > 0 && !reached.has(block - 1))) return;
    let behind = block;
    while (behind < flow.blocks.length && !reached.has(behind)) behind++;
    const end = flow.blocks.at(behind)?.start ?? flow.code.length;
    const count = end - start;
    const what = count === 1 ? 'this instruction' : `these ${count} instructions`;
    reportAt(start)('unreachable-code', `no path leads to ${what}`, {
      severity: 'warning',
      hint: 'delete it, or check the jump or branch that should lead here',
    });
  });
}
