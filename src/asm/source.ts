/** Texts and places in them: files, and what macros and repetitions make of parts of them. */
import type { Note, Span } from '../diagnostics/diagnostic.ts';

/** The half-open range of offsets in the text that something was read from. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A stretch of an expanded text and the stretch of the parent text that it stands for. */
export interface Piece {
  readonly at: number;
  readonly from: Range;
  /** Whether the parent's characters were copied, rather than replaced as one. */
  readonly copied: boolean;
}

/** How an expanded text came about. */
export interface Origin {
  readonly parent: SourceText;
  /** In ascending order of `at`, the first at 0. */
  readonly pieces: readonly Piece[];
  /** `in this use of NAME`, and where. */
  readonly message: string;
  readonly caller: SourceText;
  readonly callerRange: Range;
}

export interface SourceText {
  /** As it is shown to people. */
  readonly file: string;
  /** The folder of the file, relative to that of the main file; empty or ending in a slash. */
  readonly folder: string;
  readonly text: string;
  readonly origin: Origin | undefined;
  /** Offsets of the lines, filled on first use. */
  lines: readonly number[] | undefined;
  /** The line that was asked for last: the next one to be asked for is mostly near. */
  lastLine: number;
}

/** More notes than this say nothing new. */
const MAX_NOTES = 4;

/** Lines that are tried one by one before the line of an offset is searched. */
const NEAR_LINES = 8;

/**
 * The same text in one piece. V8 keeps a text that was put together from others as a tree, even when it has been
 * read through, and takes words out of that at half the speed.
 */
function inOnePiece(text: string): string {
  return `${text} `.slice(0, -1);
}

export function fileText(file: string, folder: string, whole: string): SourceText {
  const text = inOnePiece(whole);
  return { file, folder, text, origin: undefined, lines: undefined, lastLine: 0 };
}

export function expandedText(text: string, origin: Origin): SourceText {
  const { file, folder } = origin.parent;
  return { file, folder, text, origin, lines: undefined, lastLine: 0 };
}

/** The index of the last element that is at most `value`, in an ascending list that begins below it. */
function lastAtMost<T>(list: readonly T[], value: number, key: (element: T) => number): number {
  let low = 0;
  let high = list.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (key(list[middle]!) <= value) low = middle;
    else high = middle;
  }
  return low;
}

function lineStarts(source: SourceText): readonly number[] {
  if (source.lines) return source.lines;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  source.lines = starts;
  return starts;
}

/** The index of the line with the character at `offset`. */
function lineOf(text: SourceText, offset: number): number {
  const starts = lineStarts(text);
  const startOf = (line: number) => starts[line] ?? Infinity;
  const near = Math.min(text.lastLine + NEAR_LINES, starts.length);
  let line = text.lastLine;
  while (line < near && startOf(line + 1) <= offset) line++;
  const isFound = startOf(line) <= offset && offset < startOf(line + 1);
  text.lastLine = isFound ? line : lastAtMost(starts, offset, (start) => start);
  return text.lastLine;
}

/** The range of the parent text that a range of an expanded text stands for. */
function parentRange(origin: Origin, { start, end }: Range): Range {
  const pieceAt = (offset: number) =>
    origin.pieces[lastAtMost(origin.pieces, offset, (piece) => piece.at)]!;
  const first = pieceAt(start);
  const last = pieceAt(Math.max(start, end - 1));
  return {
    start: first.copied ? first.from.start + start - first.at : first.from.start,
    end: last.copied ? last.from.start + end - last.at : last.from.end,
  };
}

/** The place in a file that a range stands for; a range over several lines ends with its first. */
export function spanOf(source: SourceText, range: Range): Span {
  let text = source;
  let { start, end } = range;
  while (text.origin) {
    ({ start, end } = parentRange(text.origin, { start, end }));
    text = text.origin.parent;
  }
  const starts = lineStarts(text);
  const line = lineOf(text, start);
  const lineEnd = line + 1 < starts.length ? starts[line + 1]! - 1 : text.text.length;
  const length = Math.max(1, Math.min(end, lineEnd) - start);
  return { file: text.file, line: line + 1, column: start - starts[line]! + 1, length };
}

/** The expansions that led to a text, innermost first. */
export function expansionNotes(source: SourceText): Note[] {
  const notes: Note[] = [];
  for (let text = source; text.origin && notes.length < MAX_NOTES; text = text.origin.caller) {
    const { message, caller, callerRange } = text.origin;
    notes.push({ message, span: spanOf(caller, callerRange) });
  }
  return notes;
}

/** `a/b/../c.lasm` as `a/c.lasm`; an absolute path or one that leaves the folder stays so. */
export function joinPath(folder: string, path: string): string {
  if (path.startsWith('/')) return path;
  const parts: string[] = [];
  for (const part of `${folder}${path}`.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return (folder.startsWith('/') ? '/' : '') + parts.join('/');
}

/** The part of a path up to and with its last slash. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
