/** Writes the binary form of a program. */
import type { Span } from '../diagnostics/diagnostic.ts';
import { writeInstruction } from './binary-code.ts';
import {
  COMPARISONS,
  DATA_TYPES,
  EXPECTATION_KINDS,
  MAGIC,
  QUANTITIES,
  SECTIONS,
  VERSION,
  checksumOf,
} from './binary-format.ts';
import { ByteWriter, bytesOfArray } from './byte-writer.ts';
import type { StoredArray } from '../tensor/formats.ts';
import type { DataSymbol, DataType, Expectation, Label, Param, Program } from './program.ts';

/** The bytes of a program; `decodeProgram` gives it back. */
export function encodeProgram(program: Program): Uint8Array {
  const encoder = new Encoder();
  const sections = encoder.sections(program);
  const file = new ByteWriter();
  for (const letter of MAGIC) file.byte(letter.charCodeAt(0));
  file.byte(VERSION);
  for (const section of [encoder.textSection(), ...sections]) {
    file.count(section.length);
    file.raw(section);
  }
  file.raw(checksumOf(file.bytes()));
  return file.bytes().slice();
}

/** Writes sections, and collects the texts that they name. */
class Encoder {
  private writer = new ByteWriter();
  private readonly texts = new Map<string, number>();

  sections(program: Program): Uint8Array[] {
    const section = (write: () => void) => {
      this.writer = new ByteWriter();
      write();
      return this.writer.bytes();
    };
    return [
      section(() => {
        this.text(program.name);
        this.writer.count(program.tile);
      }),
      section(() => {
        this.list(program.sources, ({ file, text }) => {
          this.text(file);
          this.text(text);
        });
      }),
      section(() => this.list(program.symbols, (symbol) => this.symbol(symbol))),
      section(() => this.code(program)),
      section(() => this.list(program.labels, (label) => this.label(label))),
      section(() => this.list(program.params, (param) => this.param(param))),
      section(() => this.list(program.expectations, (item) => this.expectation(item))),
      section(() => {
        this.list(program.shows, ({ symbol, title }) => {
          this.text(symbol);
          this.text(title);
        });
      }),
    ];
  }

  textSection(): Uint8Array {
    const writer = new ByteWriter();
    writer.count(this.texts.size);
    for (const text of this.texts.keys()) writer.text(text);
    return writer.bytes();
  }

  private list<T>(items: readonly T[], write: (item: T) => void): void {
    this.writer.count(items.length);
    for (const item of items) write(item);
  }

  private text(text: string): void {
    const number = this.texts.get(text) ?? this.texts.size;
    this.texts.set(text, number);
    this.writer.count(number);
  }

  private choice<T>(choices: readonly T[], choice: T): void {
    this.writer.byte(choices.indexOf(choice));
  }

  private span({ file, line, column, length }: Span): void {
    this.text(file);
    this.writer.count(line);
    this.writer.count(column);
    this.writer.count(length);
  }

  private values(values: StoredArray, dtype: DataType): void {
    this.choice(DATA_TYPES, dtype);
    this.writer.count(values.length);
    this.writer.raw(bytesOfArray(values));
  }

  private numbers(values: Float32Array | Int32Array): void {
    this.values(values, values instanceof Float32Array ? 'f32' : 'i32');
  }

  private symbol(symbol: DataSymbol): void {
    this.text(symbol.name);
    this.choice(SECTIONS, symbol.section);
    this.choice(DATA_TYPES, symbol.dtype);
    this.list(symbol.shape, (dimension) => this.writer.count(dimension));
    this.writer.count(symbol.address);
    this.writer.byte(symbol.data ? 1 : 0);
    if (symbol.data) this.values(symbol.data, symbol.dtype);
    this.list(symbol.rowNames, (name) => this.text(name));
    this.list(symbol.colNames, (name) => this.text(name));
    this.text(symbol.doc);
    this.span(symbol.span);
  }

  private code({ code, spans, parts }: Program): void {
    this.writer.count(code.length);
    code.forEach((instruction, pc) => {
      writeInstruction(this.writer, instruction);
      this.span(spans[pc]);
      this.text(parts[pc]);
    });
  }

  private label(label: Label): void {
    this.text(label.name);
    this.writer.count(label.target);
    this.text(label.doc);
    this.span(label.span);
  }

  private param(param: Param): void {
    this.text(param.name);
    this.writer.number(param.value);
    this.text(param.doc);
  }

  private expectation(expectation: Expectation): void {
    this.choice(EXPECTATION_KINDS, expectation.kind);
    this.text(expectation.text);
    this.span(expectation.span);
    switch (expectation.kind) {
      case 'values':
        this.text(expectation.symbol);
        this.numbers(expectation.expected);
        return this.writer.number(expectation.tolerance);
      case 'count':
        this.choice(QUANTITIES, expectation.quantity);
        this.list(expectation.machine === undefined ? [] : [expectation.machine], (machine) =>
          this.text(machine),
        );
        this.choice(COMPARISONS, expectation.comparison);
        return this.writer.number(expectation.value);
      case 'tokens':
        return this.list(expectation.tokens, (token) => this.writer.number(token));
    }
    return expectation satisfies never;
  }
}
