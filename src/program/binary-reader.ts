/** Reads the binary form of a program, and takes nothing for granted. */
import type { Instruction } from '../../isa/instruction.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { checkProgram } from './binary-check.ts';
import { readInstruction } from './binary-code.ts';
import {
  CHECKSUM_BYTES,
  COMPARISONS,
  DATA_TYPES,
  EXPECTATION_KINDS,
  MAGIC,
  NUMBER_TYPES,
  QUANTITIES,
  SECTIONS,
  VERSION,
  checksumOf,
} from './binary-format.ts';
import { BinaryError, ByteReader } from './byte-reader.ts';
import { FORMATS } from '../tensor/formats.ts';
import type { StoredArray } from '../tensor/formats.ts';
import type { DataSymbol, DataType, Expectation, Label, Param, Program } from './program.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The program that `encodeProgram` made these bytes from. Memory is bounded by the number of bytes.
 *
 * Throws BinaryError when they are no such thing: another kind of file, another version, cut or
 * changed, or a program that breaks a rule of `Program`.
 */
export function decodeProgram(bytes: Uint8Array): Program {
  const end = checkedEnd(bytes);
  const file = new ByteReader(bytes, MAGIC.length + 1, end);
  const texts = readTexts(file.part(file.count()));
  const decoder = new Decoder(file, texts);
  const program = decoder.program();
  file.finish();
  return program;
}

/** Where the checksum begins, after all that can be checked of the file as a whole. */
function checkedEnd(bytes: Uint8Array): number {
  const letters = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (letters !== MAGIC) throw new BinaryError('this is not a Lasm program', 0);
  const version = bytes[MAGIC.length] as number | undefined;
  if (version !== undefined && version !== VERSION) {
    const message = `version ${version} of the binary form; this Lasm reads version ${VERSION}`;
    throw new BinaryError(message, MAGIC.length);
  }
  const end = bytes.length - CHECKSUM_BYTES;
  const isWhole =
    end > MAGIC.length && checksumOf(bytes.subarray(0, end)).every((b, i) => b === bytes[end + i]);
  if (!isWhole) throw new BinaryError('the file is damaged: cut off or changed', Math.max(end, 0));
  return end;
}

function readTexts(reader: ByteReader): string[] {
  const texts = reader.list(() => {
    const bytes = reader.raw(reader.count());
    try {
      return UTF8.decode(bytes);
    } catch {
      return reader.fail('a text is not UTF-8');
    }
  });
  reader.finish();
  return texts;
}

/** Reads section after section; each method reads what the encoder's method of that name writes. */
class Decoder {
  private readonly file: ByteReader;
  private readonly texts: readonly string[];
  private reader: ByteReader;

  constructor(file: ByteReader, texts: readonly string[]) {
    this.file = file;
    this.reader = file;
    this.texts = texts;
  }

  program(): Program {
    const head = this.section(() => ({ name: this.text(), tile: this.reader.count() }));
    const sources = this.section(() =>
      this.reader.list(() => ({ file: this.text(), text: this.text() })),
    );
    const symbols = this.section(() => this.reader.list(() => this.symbol()));
    const code = this.section(() => this.code());
    const labels = this.section(() => this.reader.list(() => this.label()));
    const params = this.section(() => this.reader.list(() => this.param()));
    const expectations = this.section(() => this.reader.list(() => this.expectation()));
    const shows = this.section(() =>
      this.reader.list(() => ({ symbol: this.text(), title: this.text() })),
    );
    const program = { ...head, sources, symbols, ...code, labels, params, expectations, shows };
    checkProgram(program, this.file);
    return program;
  }

  private section<T>(read: () => T): T {
    this.reader = this.file.part(this.file.count());
    const content = read();
    this.reader.finish();
    return content;
  }

  private text(): string {
    const number = this.reader.count();
    this.reader.check(number < this.texts.length, `there is no text ${number}`);
    return this.texts[number];
  }

  private span(): Span {
    const { reader } = this;
    const file = this.text();
    return { file, line: reader.count(), column: reader.count(), length: reader.count() };
  }

  /** Elements of one of some types. */
  private values(types: readonly DataType[]): StoredArray {
    const dtype = this.reader.choice(DATA_TYPES);
    this.reader.check(types.includes(dtype), `values are ${dtype}, not ${types.join(' or ')}`);
    const count = this.reader.count();
    const { buffer } = this.reader.raw(count * FORMATS[dtype].bytes);
    return FORMATS[dtype].view(buffer, 0, count);
  }

  private symbol(): DataSymbol {
    const { reader } = this;
    const name = this.text();
    const section = reader.choice(SECTIONS);
    const dtype = reader.choice(DATA_TYPES);
    return {
      name,
      section,
      dtype,
      shape: reader.list(() => reader.count()),
      address: reader.count(),
      data: reader.choice([false, true]) ? this.values([dtype]) : undefined,
      rowNames: reader.list(() => this.text()),
      colNames: reader.list(() => this.text()),
      doc: this.text(),
      span: this.span(),
    };
  }

  private code(): Pick<Program, 'code' | 'spans' | 'parts'> {
    const spans: Span[] = [];
    const parts: string[] = [];
    const code = this.reader.list((): Instruction => {
      const instruction = readInstruction(this.reader);
      spans.push(this.span());
      parts.push(this.text());
      return instruction;
    });
    return { code, spans, parts };
  }

  private label(): Label {
    return {
      name: this.text(),
      target: this.reader.count(),
      doc: this.text(),
      span: this.span(),
    };
  }

  private param(): Param {
    return { name: this.text(), value: this.reader.number(), doc: this.text() };
  }

  private expectation(): Expectation {
    const { reader } = this;
    const kind = reader.choice(EXPECTATION_KINDS);
    const common = { text: this.text(), span: this.span() };
    switch (kind) {
      case 'values': {
        const symbol = this.text();
        const expected = this.values(NUMBER_TYPES) as Float32Array | Int32Array;
        return { kind, ...common, symbol, expected, tolerance: reader.number() };
      }
      case 'count': {
        const quantity = reader.choice(QUANTITIES);
        const machines = reader.list(() => this.text());
        reader.check(machines.length <= 1, 'an expectation names several machines');
        const comparison = reader.choice(COMPARISONS);
        const value = reader.number();
        return { kind, ...common, quantity, machine: machines.at(0), comparison, value };
      }
      case 'tokens':
        return { kind, ...common, tokens: reader.list(() => reader.integer()) };
    }
    return kind satisfies never;
  }
}
