/** Expansion: walks through files, macros, repetitions and conditions, and hands out statements. */
import type { Argument, Range, Statement, Word } from './ast.ts';
import { rangeOf } from './ast.ts';
import { expectArguments } from './arguments.ts';
import type { Evaluator } from './expressions.ts';
import { Frames } from './frames.ts';
import type { Head } from './heads.ts';
import { docOf, readHead, wordOf } from './heads.ts';
import type { TokenLine } from './lines.ts';
import type { Macro } from './macros.ts';
import { bindArguments, readMacroHead, splitArguments } from './macros.ts';
import { plainInstruction } from './plain.ts';
import { readArguments, rejectWrong } from './statements.ts';
import type { Mistakes } from './mistakes.ts';
import { fail } from './mistakes.ts';
import { describeToken } from './grammar.ts';
import type { SourceText } from './source.ts';
import { expandedText } from './source.ts';
import { substitute } from './substitute.ts';
import * as T from './tokens.ts';

const MAX_INCLUDE_DEPTH = 32;
const MAX_EXPANSION_DEPTH = 64;

/** Characters that expansions may produce in all. */
const MAX_EXPANDED_CHARACTERS = 1 << 26;

interface Repetition {
  readonly body: Range;
  readonly parent: SourceText;
  readonly opener: Range;
  readonly count: number;
  readonly variable: string | undefined;
  done: number;
}

export interface ExpanderOptions {
  readonly maxLines: number;
  /** Opens the file that an `.include` names; throws Mistake. */
  readonly open: (path: Argument, source: SourceText) => SourceText;
}

type Block = (line: TokenLine, head: Head) => void;

export class Expander {
  private readonly frames: Frames;
  private readonly macros = new Map<string, Macro>();
  private readonly mistakes: Mistakes;
  private readonly evaluator: Evaluator;
  private readonly options: ExpanderOptions;
  private docs: string[] = [];
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
    this.frames = new Frames(mistakes, options.maxLines);
    this.frames.push('file', main);
  }

  /** The names that can be used like mnemonics. */
  macroNames(): Iterable<string> {
    return this.macros.keys();
  }

  /** The next statement, or `undefined` at the end. */
  next(): Statement | undefined {
    for (let line = this.frames.next(); line; line = this.frames.next()) {
      if (line.from === line.to && !line.wrong) continue;
      const statement = this.plain(line) ?? this.mistakes.attempt(() => this.readLine(line!));
      if (statement) return statement;
    }
    return undefined;
  }

  /** A line that is an instruction without anything unusual, as most are; the slow way gives the same. */
  private plain(line: TokenLine): Statement | undefined {
    if (line.wrong || this.frames.conditions.skipping) return undefined;
    const statement = plainInstruction(line, this.macros);
    if (statement && this.docs.length > 0) {
      statement.doc = this.docs.join('\n');
      this.docs = [];
    }
    return statement;
  }

  /** What a line says, unless it only changes what is read next. */
  private readLine(line: TokenLine): Statement | undefined {
    if (this.frames.conditions.skipping) {
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
      rejectWrong(line);
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
    '.else': ({ source }, { head }) => this.frames.conditions.turn(source, head!),
    '.endif': ({ source }, { head }) => this.frames.conditions.end(source, head!),
    '.endm': (line, head) => this.stray(line, head.head!, '.macro'),
    '.endr': (line, head) => this.stray(line, head.head!, '.rept'),
  };

  private statement(line: TokenLine, head: Head): Statement | undefined {
    if (head.head?.text.startsWith('.')) this.frames.continueLine(line);
    const { tokens } = line;
    return (
      this.mistakes.attempt(() => {
        rejectWrong(line);
        const rest = head.rest === 0 ? tokens : tokens.slice(head.rest);
        const stray = rest[0];
        if (!head.head && stray) {
          const message = `expected an instruction or a directive, found ${describeToken(stray)}`;
          fail('syntax', line.source, wordOf(stray), message);
        }
        return this.makeStatement(line, head, readArguments(rest, line.source));
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

  // Conditions.

  private skip({ tokens, source }: TokenLine): void {
    const { head } = readHead(tokens);
    if (head?.text === '.if') this.frames.conditions.begin(head);
    else if (head?.text === '.else') this.frames.conditions.turn(source, head);
    else if (head?.text === '.endif') this.frames.conditions.end(source, head);
  }

  private openCondition({ tokens, source }: TokenLine, { head, rest }: Head): void {
    this.frames.conditions.begin(head!);
    const list = readArguments(tokens.slice(rest), source);
    const [value] = expectArguments(list, 1, 1, source, head!);
    this.frames.conditions.decide(this.evaluator.number(value!.value, source) !== 0);
  }

  private stray({ source }: TokenLine, word: Word, opener: string): void {
    fail('misplaced-directive', source, word, `${word.text} without ${opener}`);
  }

  // Files, macros and repetitions.

  private include(line: TokenLine, { head, rest }: Head): void {
    const list = readArguments(line.tokens.slice(rest), line.source);
    const [path] = expectArguments(list, 1, 1, line.source, head!);
    const source = this.options.open(path!, line.source);
    const { files } = this.frames;
    if (files.includes(source.file) || files.length > MAX_INCLUDE_DEPTH) {
      const chain = [...files, source.file].slice(-6).join(' → ');
      const message = files.includes(source.file)
        ? `${source.file} includes itself: ${chain}`
        : `files include each other more than ${MAX_INCLUDE_DEPTH} deep: ${chain}`;
      fail('include-cycle', line.source, rangeOf(path!), message);
    }
    this.frames.push('file', source);
  }

  private defineMacro(line: TokenLine, { head, rest }: Head): void {
    const body = this.frames.readBody(line, head!, '.endm');
    const macro = readMacroHead(line, rest, head!, body);
    const before = this.macros.get(macro.name);
    if (before)
      fail('duplicate-name', line.source, macro.range, `${macro.name} is already a macro`);
    this.macros.set(macro.name, macro);
  }

  private expandMacro(macro: Macro, line: TokenLine, name: Word, rest: number): void {
    const range = { start: name.start, end: T.endOf(line.tokens.at(-1)!) };
    if (this.frames.macroDepth >= MAX_EXPANSION_DEPTH) {
      const message = `${macro.name} expands more than ${MAX_EXPANSION_DEPTH} deep`;
      this.mistakes.add({ code: 'macro-recursion', message, source: line.source, range });
      this.frames.dropExpansions();
      return;
    }
    const values = bindArguments(macro, splitArguments(line, rest), line.source, range);
    values.set('@', `${this.expansions++}`);
    const message = `in this use of ${macro.name}`;
    this.frames.push(
      'macro',
      this.expand(macro.source, macro.body, values, message, line.source, range),
    );
  }

  private repeat(line: TokenLine, { head, rest }: Head): void {
    const { source } = line;
    const body = this.frames.readBody(line, head!, '.endr');
    const list = readArguments(line.tokens.slice(rest), source);
    const [times, name] = expectArguments(list, 1, 2, source, head!);
    const count = this.evaluator.integer(times!.value, source);
    if (count < 0) fail('overflow', source, times!.value, `${count} repetitions`);
    if (name && (name.value.kind !== 'name' || name.assigned)) {
      fail('syntax', source, rangeOf(name), 'expected the name of the counter');
    }
    if (this.frames.depth > MAX_EXPANSION_DEPTH * 2) {
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
    const source = this.expand(parent, body, values, message, parent, opener);
    this.frames.push('repetition', source, () => this.nextRepetition(repetition));
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
      this.frames.stop();
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
}
