/** Expansion: walks through files, macros, repetitions and conditions, and hands out statements. */
import type { IToken } from 'chevrotain';
import type { Argument, Range, Statement, Word } from './ast.ts';
import { rangeOf } from './ast.ts';
import type { Evaluator } from './expressions.ts';
import type { Head } from './heads.ts';
import { beginsStatement, docOf, readHead, wordOf } from './heads.ts';
import type { TokenLine } from './lines.ts';
import { LineReader } from './lines.ts';
import type { Macro } from './macros.ts';
import { bindArguments, readMacroHead, splitArguments } from './macros.ts';
import type { Mistakes } from './mistakes.ts';
import { countOf, fail } from './mistakes.ts';
import { describeToken, parseArguments } from './parser.ts';
import type { SourceText } from './source.ts';
import { expandedText } from './source.ts';
import { substitute } from './substitute.ts';
import * as T from './tokens.ts';

const MAX_INCLUDE_DEPTH = 32;
const MAX_EXPANSION_DEPTH = 64;

/** Characters that expansions may produce in all. */
const MAX_EXPANDED_CHARACTERS = 1 << 26;

/** A `.if` that is open. */
interface Condition {
  readonly opener: Range;
  /** Whether its lines are read; `never` inside a part that is itself skipped. */
  state: 'active' | 'skipped' | 'never';
  hasElse: boolean;
}

interface Repetition {
  readonly body: Range;
  readonly parent: SourceText;
  readonly opener: Range;
  readonly count: number;
  readonly variable: string | undefined;
  done: number;
}

/** A text that is being read. */
interface Frame {
  reader: LineReader;
  readonly kind: 'file' | 'macro' | 'repetition';
  readonly conditions: Condition[];
  readonly repetition: Repetition | undefined;
}

export interface ExpanderOptions {
  readonly maxLines: number;
  /** Opens the file that an `.include` names; throws Mistake. */
  readonly open: (path: Argument, source: SourceText) => SourceText;
}

type Block = (line: TokenLine, head: Head) => void;

export class Expander {
  private readonly frames: Frame[] = [];
  private readonly macros = new Map<string, Macro>();
  private readonly mistakes: Mistakes;
  private readonly evaluator: Evaluator;
  private readonly options: ExpanderOptions;
  private docs: string[] = [];
  private lineCount = 0;
  private expandedCharacters = 0;
  private expansions = 0;

  constructor(
    main: SourceText,
    evaluator: Evaluator,
    mistakes: Mistakes,
    options: ExpanderOptions,
  ) {
    this.evaluator = evaluator;
    this.mistakes = mistakes;
    this.options = options;
    this.push('file', main);
  }

  /** The names that can be used like mnemonics. */
  macroNames(): Iterable<string> {
    return this.macros.keys();
  }

  /** The next statement, or `undefined` at the end. */
  next(): Statement | undefined {
    for (let line = this.nextLine(); line; line = this.nextLine()) {
      if (line.tokens.length === 0 && !line.wrong) continue;
      const statement = this.mistakes.attempt(() => this.readLine(line!));
      if (statement) return statement;
    }
    return undefined;
  }

  /** What a line says, unless it only changes what is read next. */
  private readLine(line: TokenLine): Statement | undefined {
    if (this.isSkipping()) {
      this.skip(line);
      return undefined;
    }
    const doc = docOf(line);
    if (doc !== undefined) {
      this.docs.push(doc);
      return undefined;
    }
    if (line.tokens.at(-1)?.tokenType === T.DocComment) line.tokens.pop();
    const head = readHead(line.tokens);
    const block = this.blockOf(head);
    if (!block) return this.statement(line, head);
    this.mistakes.attempt(() => {
      this.rejectWrong(line);
      block(line, head);
    });
    return head.label && this.makeStatement(line, { ...head, head: undefined }, []);
  }

  private blockOf({ head, flags }: Head): Block | undefined {
    if (!head) return undefined;
    if (Object.hasOwn(this.blocks, head.text)) return this.blocks[head.text];
    const macro = this.macros.get(head.text);
    if (!macro || flags.length > 0) return undefined;
    return (line, { head: name, rest }) => this.expandMacro(macro, line, name!, rest);
  }

  private readonly blocks: Readonly<Record<string, Block>> = {
    '.include': (line, head) => this.include(line, head),
    '.macro': (line, head) => this.defineMacro(line, head),
    '.rept': (line, head) => this.repeat(line, head),
    '.if': (line, head) => this.openCondition(line, head),
    '.else': (line, head) => this.switchCondition(line, head.head!),
    '.endif': (line, head) => this.closeCondition(line, head.head!),
    '.endm': (line, head) => this.stray(line, head.head!, '.macro'),
    '.endr': (line, head) => this.stray(line, head.head!, '.rept'),
  };

  private statement(line: TokenLine, head: Head): Statement | undefined {
    const tokens = head.head?.text.startsWith('.') ? this.continued(line) : line.tokens;
    return (
      this.mistakes.attempt(() => {
        this.rejectWrong(line);
        const rest = head.rest === 0 ? tokens : tokens.slice(head.rest);
        const stray = rest[0];
        if (!head.head && stray) {
          const message = `expected an instruction or a directive, found ${describeToken(stray)}`;
          fail('syntax', line.source, wordOf(stray), message);
        }
        return this.makeStatement(line, head, this.readArguments(rest, line.source));
      }) ?? this.makeStatement(line, head, undefined)
    );
  }

  private makeStatement(
    line: TokenLine,
    { label, head, flags, rest }: Head,
    list: readonly Argument[] | undefined,
  ): Statement {
    const { source, tokens } = line;
    const subject = tokens[rest]?.tokenType === T.Identifier ? wordOf(tokens[rest]!) : undefined;
    const start = (head ?? label)?.start ?? line.range.start;
    const end = tokens.length > 0 ? T.endOf(tokens.at(-1)!) : start;
    const doc = this.docs.length === 0 ? '' : this.docs.join('\n');
    this.docs = this.docs.length === 0 ? this.docs : [];
    return { source, label, head, flags, arguments: list, subject, doc, start, end };
  }

  /** The arguments, or `undefined` when they cannot be read. */
  private readArguments(tokens: IToken[], source: SourceText): readonly Argument[] {
    const list = parseArguments(tokens);
    if (!('code' in list)) return list;
    return fail(list.code, source, list.range, list.message, list.hint);
  }

  private rejectWrong({ source, wrong }: TokenLine): void {
    if (!wrong) return;
    const shown = JSON.stringify(source.text.slice(wrong.start, wrong.end).slice(0, 10));
    fail('bad-character', source, wrong, `no word contains ${shown}`);
  }

  /** The tokens of a line and of those below it while a bracket is open. */
  private continued(line: TokenLine): IToken[] {
    const { reader } = this.frames.at(-1)!;
    let depth = openBrackets(line.tokens);
    while (depth > 0) {
      const below = reader.peek();
      if (!below || below.wrong || beginsStatement(below.tokens)) break;
      reader.next();
      this.lineCount++;
      if (below.tokens.at(-1)?.tokenType === T.DocComment) below.tokens.pop();
      for (const token of below.tokens) line.tokens.push(token);
      depth += openBrackets(below.tokens);
    }
    return line.tokens;
  }

  // Frames.

  private push(kind: Frame['kind'], source: SourceText, repetition?: Repetition): void {
    this.frames.push({ kind, reader: new LineReader(source), conditions: [], repetition });
  }

  private nextLine(): TokenLine | undefined {
    if (this.mistakes.full) return undefined;
    for (let frame = this.frames.at(-1); frame; frame = this.frames.at(-1)) {
      const line = frame.reader.next();
      if (line) {
        if (++this.lineCount > this.options.maxLines) return this.tooManyLines(line);
        return line;
      }
      this.leave(frame);
    }
    return undefined;
  }

  private tooManyLines(line: TokenLine): undefined {
    const message = `more than ${this.options.maxLines} lines after expansion`;
    this.mistakes.add({ code: 'too-many-lines', message, source: line.source, range: line.range });
    this.frames.length = 0;
    return undefined;
  }

  /** At the end of a text: the next repetition, or back to the text that led here. */
  private leave(frame: Frame): void {
    for (const { opener } of frame.conditions.splice(0)) {
      const message = '.if without .endif';
      this.mistakes.add({
        code: 'unterminated',
        message,
        source: frame.reader.source,
        range: opener,
      });
    }
    const { repetition } = frame;
    this.frames.pop();
    if (repetition) this.mistakes.attempt(() => this.nextRepetition(repetition));
  }

  // Conditions.

  private isSkipping(): boolean {
    const condition = this.frames.at(-1)!.conditions.at(-1);
    return condition !== undefined && condition.state !== 'active';
  }

  private skip(line: TokenLine): void {
    const { head } = readHead(line.tokens);
    const { conditions } = this.frames.at(-1)!;
    if (head?.text === '.if') conditions.push({ opener: head, state: 'never', hasElse: false });
    else if (head?.text === '.else') this.switchCondition(line, head);
    else if (head?.text === '.endif') conditions.pop();
  }

  private openCondition(line: TokenLine, { head, rest }: Head): void {
    const condition: Condition = { opener: head!, state: 'never', hasElse: false };
    this.frames.at(-1)!.conditions.push(condition);
    const list = this.readArguments(line.tokens.slice(rest), line.source);
    const [value] = expectArguments(list, 1, 1, line.source, head!);
    const holds = this.evaluator.number(value!.value, line.source) !== 0;
    condition.state = holds ? 'active' : 'skipped';
  }

  private switchCondition({ source }: TokenLine, word: Word): void {
    const condition = this.frames.at(-1)!.conditions.at(-1);
    if (!condition) fail('misplaced-directive', source, word, '.else without .if');
    if (condition.hasElse) fail('misplaced-directive', source, word, 'a second .else of one .if');
    condition.hasElse = true;
    if (condition.state !== 'never') {
      condition.state = condition.state === 'active' ? 'skipped' : 'active';
    }
  }

  private closeCondition({ source }: TokenLine, word: Word): void {
    if (this.frames.at(-1)!.conditions.pop()) return;
    fail('misplaced-directive', source, word, '.endif without .if');
  }

  private stray({ source }: TokenLine, word: Word, opener: string): void {
    fail('misplaced-directive', source, word, `${word.text} without ${opener}`);
  }

  // Files, macros and repetitions.

  private include(line: TokenLine, { head, rest }: Head): void {
    const list = this.readArguments(line.tokens.slice(rest), line.source);
    const [path] = expectArguments(list, 1, 1, line.source, head!);
    const source = this.options.open(path!, line.source);
    const files = this.frames.filter((f) => f.kind === 'file').map((f) => f.reader.source.file);
    if (files.includes(source.file) || files.length > MAX_INCLUDE_DEPTH) {
      const chain = [...files, source.file].slice(-6).join(' → ');
      const message = files.includes(source.file)
        ? `${source.file} includes itself: ${chain}`
        : `files include each other more than ${MAX_INCLUDE_DEPTH} deep: ${chain}`;
      fail('include-cycle', line.source, rangeOf(path!), message);
    }
    this.push('file', source);
  }

  private defineMacro(line: TokenLine, { head, rest }: Head): void {
    const body = this.readBody(line, head!, '.endm');
    const macro = readMacroHead(line, rest, head!, body);
    const before = this.macros.get(macro.name);
    if (before)
      fail('duplicate-name', line.source, macro.range, `${macro.name} is already a macro`);
    this.macros.set(macro.name, macro);
  }

  private expandMacro(macro: Macro, line: TokenLine, name: Word, rest: number): void {
    const range = { start: name.start, end: T.endOf(line.tokens.at(-1)!) };
    const depth = this.frames.filter(({ kind }) => kind === 'macro').length;
    if (depth >= MAX_EXPANSION_DEPTH) {
      const message = `${macro.name} expands more than ${MAX_EXPANSION_DEPTH} deep`;
      this.mistakes.add({ code: 'macro-recursion', message, source: line.source, range });
      this.dropExpansions();
      return;
    }
    const values = bindArguments(macro, splitArguments(line, rest), line.source, range);
    values.set('@', `${this.expansions++}`);
    const message = `in this use of ${macro.name}`;
    this.push('macro', this.expand(macro.source, macro.body, values, message, line.source, range));
  }

  /** After a runaway recursion nothing that it would still produce is of interest. */
  private dropExpansions(): void {
    while (this.frames.at(-1)!.kind !== 'file') this.frames.pop();
  }

  private repeat(line: TokenLine, { head, rest }: Head): void {
    const { source } = line;
    const body = this.readBody(line, head!, '.endr');
    const list = this.readArguments(line.tokens.slice(rest), source);
    const [times, name] = expectArguments(list, 1, 2, source, head!);
    const count = this.evaluator.integer(times!.value, source);
    if (count < 0) fail('overflow', source, times!.value, `${count} repetitions`);
    if (name && (name.value.kind !== 'name' || name.assigned)) {
      fail('syntax', source, rangeOf(name), 'expected the name of the counter');
    }
    if (this.frames.length > MAX_EXPANSION_DEPTH * 2) {
      fail('macro-recursion', source, head!, 'repetitions and macros nest too deep');
    }
    const variable = name?.value.kind === 'name' ? name.value.name : undefined;
    const opener = { start: head!.start, end: T.endOf(line.tokens.at(-1)!) };
    this.nextRepetition({ body, parent: source, opener, count, variable, done: 0 });
  }

  private nextRepetition(repetition: Repetition): void {
    const { body, parent, opener, count, variable, done } = repetition;
    if (done >= count || body.start >= body.end) return;
    repetition.done++;
    const values = new Map(variable === undefined ? [] : [[variable, `${done}`]]);
    const message = `in repetition ${done + 1} of ${count}`;
    this.push('repetition', this.expand(parent, body, values, message, parent, opener), repetition);
  }

  private expand(
    parent: SourceText,
    body: Range,
    values: ReadonlyMap<string, string>,
    message: string,
    caller: SourceText,
    callerRange: Range,
  ): SourceText {
    const limit = MAX_EXPANDED_CHARACTERS - this.expandedCharacters;
    const result = substitute(parent, body, values, limit);
    if (!result) {
      this.frames.length = 0;
      const tooLong = `expansions produce more than ${MAX_EXPANDED_CHARACTERS} characters`;
      return fail('too-many-lines', caller, callerRange, tooLong);
    }
    this.expandedCharacters += result.text.length;
    return expandedText(result.text, {
      parent,
      pieces: result.pieces,
      message,
      caller,
      callerRange,
    });
  }

  /** Reads past a block, whose lines mean something only when they are expanded. */
  private readBody(line: TokenLine, opener: Word, closer: string): Range {
    const { reader } = this.frames.at(-1)!;
    const start = Math.min(line.range.end + 1, line.source.text.length);
    let depth = 1;
    for (let below = reader.next(); below; below = reader.next()) {
      this.lineCount++;
      const word = readHead(below.tokens).head?.text;
      if (word === opener.text) depth++;
      else if (word === closer && --depth === 0) return { start, end: below.range.start };
    }
    return fail('unterminated', line.source, opener, `${opener.text} without ${closer}`);
  }
}

function openBrackets(tokens: readonly IToken[]): number {
  let depth = 0;
  for (const { tokenType } of tokens) {
    if (tokenType === T.LeftBracket || tokenType === T.LeftParen) depth++;
    else if (tokenType === T.RightBracket || tokenType === T.RightParen) depth--;
  }
  return depth;
}

/** The arguments of a directive without keys, `least` to `most` of them. */
export function expectArguments(
  list: readonly Argument[],
  least: number,
  most: number,
  source: SourceText,
  head: Word,
): readonly Argument[] {
  if (list.length < least) {
    fail('missing-operand', source, head, `${head.text} needs ${countOf(least, 'operand')}`);
  }
  const extra = list[most];
  if (extra) {
    fail('extra-operand', source, rangeOf(extra), `${head.text} takes ${countOf(most, 'operand')}`);
  }
  return list;
}
