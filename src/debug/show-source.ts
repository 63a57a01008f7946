/** Source lines, with marks for breakpoints and for the instruction that is to issue next. */
import type { Debugger } from './debugger.ts';
import { Mistake } from './mistake.ts';

/** Lines shown before and behind the one that is meant. */
const AROUND = 4;
const LISTED = 2 * AROUND + 1;

interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** The lines around the oldest instruction that has not issued. */
export function whereText(debug: Debugger): string {
  const current = currentLine(debug);
  if (!current) return 'every instruction has issued';
  const id = debug.recording.oldestUnissued(debug.cycle)!;
  return [`${debug.label(id)} is to issue next`, ...excerpt(debug, current, AROUND)].join('\n');
}

/** Nine lines: around `line` of the main file, else on from where the last list ended. */
export function listText(debug: Debugger, line: number | undefined): string {
  if (line !== undefined) {
    const file = debug.run.program.sources[0]?.file ?? '';
    return excerpt(debug, { file, line }, AROUND).join('\n');
  }
  const next = debug.nextListed;
  if (next) return excerpt(debug, { ...next, line: next.line + AROUND }, AROUND).join('\n');
  const file = debug.run.program.sources[0]?.file ?? '';
  return excerpt(debug, currentLine(debug) ?? { file, line: 1 + AROUND }, AROUND).join('\n');
}

function currentLine({ recording, cycle }: Debugger): SourceLine | undefined {
  const id = recording.oldestUnissued(cycle);
  return id === undefined ? undefined : recording.line(id);
}

/** ` > *  12  LOAD t0, [X]`: `>` is to issue next, `*` has a breakpoint. */
function excerpt(debug: Debugger, { file, line }: SourceLine, around: number): string[] {
  const texts = sourceOf(debug, file);
  const first = Math.max(1, line - around);
  const last = Math.min(texts.length, first + LISTED - 1);
  if (first > texts.length) throw new Mistake(`${file} has ${texts.length} lines`);
  debug.nextListed = { file, line: last + 1 };
  const current = currentLine(debug);
  const width = String(last).length;
  return texts.slice(first - 1, last).map((text, i) => {
    const number = first + i;
    const isCurrent = current?.file === file && current.line === number;
    const marks = `${isCurrent ? '>' : ' '}${hasBreakpoint(debug, file, number) ? '*' : ' '}`;
    return `${marks} ${String(number).padStart(width)}  ${text}`.trimEnd();
  });
}

function hasBreakpoint({ breakpoints }: Debugger, file: string, line: number): boolean {
  return breakpoints.some(
    ({ target }) => target.kind === 'line' && target.file === file && target.line === line,
  );
}

/** The lines of a file; where its text is not kept, the instructions that came from them. */
function sourceOf({ run, recording }: Debugger, file: string): string[] {
  const text = run.program.sources.find((source) => source.file === file)?.text ?? '';
  if (text !== '') return text.replace(/\n$/, '').split('\n');
  const lines: string[] = [];
  for (const entry of recording.header.program.listing) {
    if (entry.file !== file) continue;
    while (lines.length < entry.line) lines.push('');
    lines[entry.line - 1] = entry.text;
  }
  return lines;
}
