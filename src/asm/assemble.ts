/** The assembler: `.lasm` text → Program, with every mistake that can be found on the way. */
import type { Instruction } from '../../isa/instruction.ts';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { DataSymbol, Expectation, Label, Param, Program, Show } from '../program/program.ts';
import { verifyProgram } from '../program/verify.ts';
import type { Statement } from './ast.ts';
import { Collector } from './collect.ts';
import { InitReader } from './data.ts';
import { RequestReader } from './expectations.ts';
import { Expander } from './expand.ts';
import { Evaluator } from './expressions.ts';
import type { AssemblerHost } from './files.ts';
import { IncludeReader, TensorReader } from './files.ts';
import { RESERVED } from './functions.ts';
import { layOutSymbols } from './layout.ts';
import { Mistakes, fail } from './mistakes.ts';
import type { Mnemonic } from './mnemonics.ts';
import { MnemonicReader } from './mnemonics.ts';
import type { SymbolDefinition } from './names.ts';
import { Names } from './names.ts';
import { OperandReader } from './operands.ts';
import type { SourceText } from './source.ts';
import { fileText, folderOf, spanOf } from './source.ts';

export type { AssemblerHost } from './files.ts';

export interface AssembleOptions {
  /** Values that replace those of `.param` lines. */
  readonly params?: Readonly<Record<string, number>>;
  /** Limit of the bytes of all data symbols together; 256 MiB unless given. */
  readonly maxMemoryBytes?: number;
  /** Limit of the lines of all files after expansion; 1,000,000 unless given. */
  readonly maxLines?: number;
}

export interface Assembled {
  /** Undefined when a diagnostic is an error. */
  readonly program: Program | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that were read, by the name that spans use; the main file first. */
  readonly sources: ReadonlyMap<string, string>;
}

const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024;
const DEFAULT_LINES = 1_000_000;
const DEFAULT_TILE = 16;
const MAX_TILE = 256;

/**
 * Assembles a program. `file` is the name of the main file as people write it; the host resolves
 * other paths relative to its folder. Never throws for what the text or the host's files contain.
 */
export function assemble(
  file: string,
  text: string,
  host: AssemblerHost,
  options: AssembleOptions = {},
): Assembled {
  const sources = new Map([[file, text]]);
  const mistakes = new Mistakes();
  const program = new Assembly(fileText(file, '', text), host, options, mistakes, sources).build();
  const diagnostics = inTextOrder(mistakes.diagnostics, [...sources.keys()]);
  if (hasErrors(diagnostics)) return { program: undefined, diagnostics, sources };
  diagnostics.push(...verifyProgram(program));
  return { program: hasErrors(diagnostics) ? undefined : program, diagnostics, sources };
}

/** In the order of the files and of their lines; that the rest was not read comes last. */
function inTextOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): Diagnostic[] {
  const rank = new Map(files.map((file, i) => [file, i]));
  const isLast = ({ code }: Diagnostic) => Number(code === 'too-many-errors');
  return diagnostics.toSorted(
    (a, b) =>
      isLast(a) - isLast(b) ||
      rank.get(a.span.file)! - rank.get(b.span.file)! ||
      a.span.line - b.span.line ||
      a.span.column - b.span.column,
  );
}

/** One run of the assembler. */
class Assembly {
  private readonly main: SourceText;
  private readonly options: AssembleOptions;
  private readonly mistakes: Mistakes;
  private readonly sources: ReadonlyMap<string, string>;
  private readonly names: Names;
  private readonly evaluator: Evaluator;
  private readonly inits: InitReader;
  private readonly collector: Collector;
  private readonly expander: Expander;

  constructor(
    main: SourceText,
    host: AssemblerHost,
    options: AssembleOptions,
    mistakes: Mistakes,
    sources: Map<string, string>,
  ) {
    this.main = main;
    this.options = options;
    this.mistakes = mistakes;
    this.sources = sources;
    this.names = new Names(RESERVED, mistakes, options.params ?? {});
    this.evaluator = new Evaluator(this.names, mistakes);
    this.inits = new InitReader(this.evaluator, new TensorReader(host, this.evaluator));
    this.collector = new Collector(this.names, mistakes);
    const includes = new IncludeReader(host, main.file, sources);
    this.expander = new Expander(main, this.evaluator, mistakes, {
      maxLines: options.maxLines ?? DEFAULT_LINES,
      open: (path, source) => includes.open(path, source),
    });
  }

  /** The program, which is good only if there is no mistake. */
  build(): Program {
    const { collector, names, mistakes } = this;
    for (let line = this.expander.next(); line; line = this.expander.next()) collector.add(line);
    const tile = mistakes.attempt(() => this.tile()) ?? DEFAULT_TILE;
    const limit = this.options.maxMemoryBytes ?? DEFAULT_MEMORY_BYTES;
    const laidOut = layOutSymbols(names, this.evaluator, mistakes, limit);
    const params = this.params();
    const instructions = this.instructions(tile);
    const requests = this.requests();
    const symbols = laidOut.map((symbol) => this.dataSymbol(symbol));
    if (!hasErrors(mistakes.diagnostics)) this.warnUnused(laidOut);
    return {
      name: this.main.file.slice(folderOf(this.main.file).length),
      tile,
      ...instructions,
      symbols,
      labels: this.labels(),
      params,
      ...requests,
      sources: Array.from(this.sources, ([file, text]) => ({ file, text })),
    };
  }

  private tile(): number {
    if (!this.collector.tile) return DEFAULT_TILE;
    const { statement, list } = this.collector.tile;
    const { source } = statement;
    const { value } = list[0]!;
    const tile = this.evaluator.integer(value, source);
    if (tile >= 1 && tile <= MAX_TILE) return tile;
    return fail('bad-shape', source, value, `.tile ${tile} is outside 1 to ${MAX_TILE}`);
  }

  private params(): Param[] {
    const params: Param[] = [];
    for (const definition of this.names.all()) {
      if (definition.kind !== 'constant') continue;
      const { name, doc } = definition;
      const value = this.mistakes.attempt(() => this.evaluator.constant(definition));
      if (doc !== undefined) params.push({ name, value: value ?? NaN, doc });
    }
    const known = params.map((param) => param.name);
    for (const name of Object.keys(this.options.params ?? {})) {
      if (known.includes(name)) continue;
      const message = `the program has no .param ${name}`;
      const hint = didYouMean(name, known);
      const range = { start: 0, end: 1 };
      this.mistakes.add({ code: 'unknown-param', message, source: this.main, range, hint });
    }
    return params;
  }

  private instructions(tile: number): Pick<Program, 'code' | 'spans' | 'parts'> {
    const { names, evaluator, mistakes } = this;
    const mnemonics = new MnemonicReader();
    const operands = new OperandReader(names, evaluator, mistakes, tile);
    const code: Instruction[] = [];
    const spans: Span[] = [];
    const parts: string[] = [];
    for (const { statement, part } of this.collector.instructions) {
      if (mistakes.full) break;
      const mnemonic = this.mnemonicOf(statement, mnemonics);
      const list = mnemonic && statement.arguments;
      if (!list) continue;
      const { definition, flags } = mnemonic;
      code.push({ definition, flags, operands: operands.read(definition, statement, list) });
      spans.push(spanOf(statement.source, statement));
      parts.push(part);
    }
    return { code, spans, parts };
  }

  private mnemonicOf(statement: Statement, mnemonics: MnemonicReader): Mnemonic | undefined {
    return (
      mnemonics.known(statement) ??
      this.mistakes.attempt(() => mnemonics.read(statement, this.expander.macroNames()))
    );
  }

  private requests(): { shows: readonly Show[]; expectations: readonly Expectation[] } {
    const { mistakes, collector } = this;
    const limit = this.options.maxMemoryBytes ?? DEFAULT_MEMORY_BYTES;
    const reader = new RequestReader(this.evaluator, this.inits, limit);
    const all = <T, R>(list: readonly T[], read: (one: T) => R) =>
      list.map((one) => mistakes.attempt(() => read(one))).filter((result) => result !== undefined);
    all(collector.names, (directive) => reader.names(directive));
    return {
      shows: all(collector.shows, (directive) => reader.show(directive)),
      expectations: all(collector.expectations, (directive) => reader.expectation(directive)),
    };
  }

  private dataSymbol(symbol: SymbolDefinition): DataSymbol {
    const { name, section, dtype, shape, init, source, rowNames, colNames, doc, range } = symbol;
    const data = init && this.mistakes.attempt(() => this.inits.read(init, symbol, source));
    const span = spanOf(source, range);
    const address = symbol.address!;
    return { name, section, dtype, shape, address, data, rowNames, colNames, doc, span };
  }

  private labels(): Label[] {
    const labels = [...this.names.all()].filter((definition) => definition.kind === 'label');
    return labels.map(({ name, target, doc, source, range }) => {
      return { name, target, doc, span: spanOf(source, range) };
    });
  }

  /** A line with an error might have used the symbol, so this is for programs without. */
  private warnUnused(symbols: readonly SymbolDefinition[]): void {
    for (const { used, name, source, range } of symbols) {
      if (used) continue;
      const message = `nothing uses ${name}`;
      const hint = 'remove it, or print it with .show';
      this.mistakes.add({ code: 'unused-symbol', message, source, range, hint }, 'warning');
    }
  }
}
