/** The first pass: sorts statements into instructions, definitions and requests; computes nothing. */
import type { DataType, Section } from '../program/program.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Argument, Expression, Statement, Word } from './ast.ts';
import { rangeOf } from './ast.ts';
import { expectArguments, expectName, expectText } from './arguments.ts';
import { DATA_DIRECTIVES } from './data-directives.ts';
import type { Mistakes } from './mistakes.ts';
import { fail } from './mistakes.ts';
import type { Names } from './names.ts';
import { PlainInstruction } from './plain.ts';
import type { SourceText } from './source.ts';

/** A statement whose head is a mnemonic. */
export interface PendingInstruction {
  readonly statement: Statement & { readonly head: Word };
  readonly part: string;
}

/** A statement that is carried out when all names are known. */
export interface PendingDirective {
  readonly statement: Statement & { readonly head: Word };
  readonly list: readonly Argument[];
}

type Handler = (directive: PendingDirective) => void;

/** What the lines of a program amount to. */
export class Collector {
  readonly instructions: PendingInstruction[] = [];
  readonly names: PendingDirective[] = [];
  readonly shows: PendingDirective[] = [];
  readonly expectations: PendingDirective[] = [];
  tile: PendingDirective | undefined;
  private section: Section | 'text' = 'text';
  private part = '';
  private readonly namespace: Names;
  private readonly mistakes: Mistakes;

  constructor(namespace: Names, mistakes: Mistakes) {
    this.namespace = namespace;
    this.mistakes = mistakes;
  }

  private readonly directives: Readonly<Record<string, Handler>> = {
    '.tile': (d) => this.setTile(d),
    '.param': (d) => this.defineParam(d),
    '.equ': (d) => this.defineEqu(d),
    '.data': (d) => this.enter('data', d),
    '.bss': (d) => this.enter('bss', d),
    '.arena': (d) => this.enter('arena', d),
    '.text': (d) => this.enter('text', d),
    ...Object.fromEntries(
      Array.from(DATA_DIRECTIVES, ([directive, dtype]) => [
        directive,
        (d: PendingDirective) => this.defineSymbol(dtype, d),
      ]),
    ),
    '.names': (d) => this.names.push(d),
    '.show': (d) => this.shows.push(d),
    '.expect': (d) => this.expectations.push(d),
    '.part': (d) => this.setPart(d),
  };

  /** Takes one statement in. */
  add(statement: Statement): void {
    if (statement instanceof PlainInstruction) {
      if (statement.label) this.defineLabel(statement, statement.label);
      this.addInstruction(statement);
      return;
    }
    const { head } = statement;
    const defines = head !== undefined && DATA_DIRECTIVES.has(head.text);
    if (statement.label && !defines) this.defineLabel(statement, statement.label);
    if (!hasHead(statement)) return;
    if (!statement.head.text.startsWith('.')) this.addInstruction(statement);
    else this.mistakes.attempt(() => this.addDirective(statement));
  }

  private addInstruction(statement: PendingInstruction['statement']): void {
    if (this.section !== 'text') {
      const message = `${statement.head.text} stands in .${this.section}, not in .text`;
      const hint = 'put .text above the first instruction';
      const { source, head } = statement;
      this.mistakes.add({ code: 'misplaced-directive', message, source, range: head, hint });
      this.section = 'text';
    }
    this.instructions.push({ statement, part: this.part });
  }

  private addDirective(statement: PendingDirective['statement']): void {
    const { source, head } = statement;
    const handler = Object.hasOwn(this.directives, head.text) && this.directives[head.text];
    if (!handler) {
      const known = [...Object.keys(this.directives), ...BLOCK_DIRECTIVES];
      const hint = didYouMean(head.text, known);
      fail('unknown-directive', source, head, `unknown directive ${head.text}`, hint);
    }
    if (statement.arguments) handler({ statement, list: statement.arguments });
    else this.defineUnreadable(statement);
  }

  /** Defines the name of a line that could not be read, so that its uses are no further mistakes. */
  private defineUnreadable({ source, head, label, subject }: PendingDirective['statement']): void {
    const constant = head.text === '.equ' || head.text === '.param';
    const word = DATA_DIRECTIVES.has(head.text) ? label : constant && subject;
    if (!word || !this.namespace.isFree(word, source)) return;
    const expression: Expression = { kind: 'number', value: 0, start: word.start, end: word.end };
    const common = { name: word.text, source, range: word, progress: 'failed' } as const;
    if (constant) {
      this.namespace.define({ ...common, kind: 'constant', expression, doc: '', value: 0 });
    } else this.namespace.define({ ...common, ...NO_SYMBOL });
  }

  private defineLabel({ source, doc }: Statement, word: Word): void {
    if (this.section !== 'text') {
      const message = `the label ${word.text} stands in .${this.section}`;
      const hint = 'a data line is NAME: .f32 shape';
      this.mistakes.add({ code: 'misplaced-directive', message, source, range: word, hint });
    }
    if (!this.namespace.isFree(word, source)) return;
    const target = this.instructions.length;
    this.namespace.define({ kind: 'label', name: word.text, source, range: word, target, doc });
  }

  private enter(section: Section | 'text', { statement, list }: PendingDirective): void {
    this.section = section;
    expectArguments(list, 0, 0, statement.source, statement.head);
  }

  private setTile(directive: PendingDirective): void {
    const { source, head } = directive.statement;
    expectArguments(directive.list, 1, 1, source, head);
    if (this.tile) fail('duplicate-key', source, head, '.tile is given twice');
    if (this.instructions.length > 0) {
      fail('misplaced-directive', source, head, '.tile must stand before the first instruction');
    }
    this.tile = directive;
  }

  private setPart({ statement, list }: PendingDirective): void {
    const [title] = expectArguments(list, 1, 1, statement.source, statement.head);
    this.part = expectText(title!, statement.source);
  }

  /** `.param NAME = expression` */
  private defineParam({ statement, list }: PendingDirective): void {
    const { source, head, doc } = statement;
    const [first] = expectArguments(list, 1, 1, source, head);
    const hint = 'write .param NAME = value';
    const word = expectName(first!.value, source, hint);
    if (!first!.assigned) fail('missing-operand', source, word, `${word.text} has no value`, hint);
    this.defineConstant(word, first!.assigned, source, doc);
  }

  /** `.equ NAME, expression` */
  private defineEqu({ statement, list }: PendingDirective): void {
    const { source, head } = statement;
    const [name, value] = expectArguments(list, 2, 2, source, head);
    const word = expectName(name!.value, source, 'write .equ NAME, value');
    const wrong = [name!, value!].find((argument) => argument.assigned);
    if (wrong) fail('syntax', source, rangeOf(wrong), '.equ has no =', 'write .equ NAME, value');
    this.defineConstant(word, value!.value, source, undefined);
  }

  private defineConstant(
    word: Word,
    expression: Expression,
    source: SourceText,
    doc: string | undefined,
  ): void {
    if (!this.namespace.isFree(word, source)) return;
    this.namespace.define({
      kind: 'constant',
      name: word.text,
      source,
      range: word,
      expression,
      doc,
      progress: 'waiting',
      value: NaN,
    });
  }

  /** `NAME: .f32 dimensions = init` */
  private defineSymbol(dtype: DataType, { statement, list }: PendingDirective): void {
    const { source, head, label, doc } = statement;
    const { section } = this;
    if (!label) {
      return fail(
        'missing-operand',
        source,
        head,
        'a data line begins with a name',
        'NAME: .f32 shape',
      );
    }
    if (!this.namespace.isFree(label, source)) return;
    const common = { name: label.text, source, range: label, dtype, doc };
    const init = list.at(-1)?.assigned;
    const dimensions = list.map((argument) => argument.value);
    this.namespace.define({
      ...NO_SYMBOL,
      ...common,
      section: section === 'text' ? 'bss' : section,
      dimensions,
      init,
      progress: 'waiting',
    });
    const early = list.slice(0, -1).find((argument) => argument.assigned);
    if (early) fail('syntax', source, rangeOf(early), 'the values come behind the whole shape');
    if (section === 'text') {
      const hint = 'put .data, .bss or .arena above it';
      fail(
        'misplaced-directive',
        source,
        head,
        `the data line ${label.text} stands in .text`,
        hint,
      );
    }
    if (section === 'data' && !init) {
      const hint = 'give it values with =, or move it to .bss';
      fail('missing-operand', source, label, `${label.text} in .data has no values`, hint);
    }
    if (section !== 'data' && init) {
      const hint = 'move it to .data';
      fail('misplaced-directive', source, init, `values in .${section}, which starts empty`, hint);
    }
  }
}

function hasHead(statement: Statement): statement is Statement & { readonly head: Word } {
  return statement.head !== undefined;
}

/** Directives that never reach the collector. */
const BLOCK_DIRECTIVES = [
  '.include',
  '.macro',
  '.endm',
  '.rept',
  '.endr',
  '.if',
  '.else',
  '.endif',
];

/** What a symbol is before anything is known of it. */
const NO_SYMBOL = {
  kind: 'symbol',
  section: 'bss',
  dtype: 'f32',
  dimensions: [],
  init: undefined,
  doc: '',
  shape: [],
  address: undefined,
  used: false,
  rowNames: [],
  colNames: [],
} as const;
