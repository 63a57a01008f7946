/** Names: the one namespace that labels, data symbols, .equ and .param share. */
import type { DataType, Section } from '../program/program.ts';
import type { Operand } from '../../isa/operand.ts';
import { SCALAR_REGISTERS, TILE_REGISTERS } from '../../isa/index.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Expression, Range, Word } from './ast.ts';
import type { Mistakes } from './mistakes.ts';
import type { SourceText } from './source.ts';
import { spanOf } from './source.ts';

interface Named {
  readonly name: string;
  readonly source: SourceText;
  /** Of the name where it is defined. */
  readonly range: Range;
}

/** Where the evaluation of a definition stands; a failed one has been reported. */
export type Progress = 'waiting' | 'running' | 'done' | 'failed';

/** `.equ` and `.param`. */
export interface ConstantDefinition extends Named {
  readonly kind: 'constant';
  readonly expression: Expression;
  /** Only a `.param` has one. */
  readonly doc: string | undefined;
  progress: Progress;
  value: number;
}

export interface SymbolDefinition extends Named {
  readonly kind: 'symbol';
  readonly section: Section;
  readonly dtype: DataType;
  readonly dimensions: readonly Expression[];
  readonly init: Expression | undefined;
  readonly doc: string;
  progress: Progress;
  shape: readonly number[];
  /** Bytes; undefined until all symbols are laid out. */
  address: number | undefined;
  used: boolean;
  rowNames: readonly string[];
  colNames: readonly string[];
}

export interface LabelDefinition extends Named {
  readonly kind: 'label';
  readonly target: number;
  readonly doc: string;
}

export type Definition = ConstantDefinition | SymbolDefinition | LabelDefinition;

const registers = (kind: 'tile' | 'scalar', count: number): readonly Operand[] =>
  Array.from({ length: count }, (_, register) => Object.freeze({ kind, register }));

const TILES = registers('tile', TILE_REGISTERS);
const SCALARS = registers('scalar', SCALAR_REGISTERS);

/** The register with this name, `t3` or `R17`, read character by character because most words are one. */
export function findRegister(name: string): Operand | undefined {
  if (name.length !== 2 && name.length !== 3) return undefined;
  const letter = name.charCodeAt(0);
  const isTile = letter === 116 || letter === 84; // t or T
  if (!isTile && letter !== 114 && letter !== 82) return undefined; // r or R
  let index = name.charCodeAt(1) - 48;
  if (!(index >= 0 && index <= 9)) return undefined;
  if (name.length === 3) {
    const digit = name.charCodeAt(2) - 48;
    if (index === 0 || !(digit >= 0 && digit <= 9)) return undefined;
    index = index * 10 + digit;
  }
  return (isTile ? TILES : SCALARS)[index];
}

/** Whether a name looks like a register, whatever its number. */
export function looksLikeRegister(name: string): boolean {
  return /^[tTrR]\d+$/.test(name);
}

/** `tile registers are t0 to t31`. */
export function registerHint(name: string): string {
  return /^t/i.test(name)
    ? `tile registers are t0 to t${TILE_REGISTERS - 1}`
    : `scalar registers are r0 to r${SCALAR_REGISTERS - 1}`;
}

/** What each kind of definition is called in messages. */
export function describeDefinition(definition: Definition): string {
  if (definition.kind === 'symbol') return 'a data symbol';
  if (definition.kind === 'label') return 'a label';
  return definition.doc === undefined ? 'a constant' : 'a parameter';
}

export class Names {
  private readonly definitions = new Map<string, Definition>();
  private readonly reserved: ReadonlySet<string>;
  private readonly mistakes: Mistakes;
  private readonly overrides: Readonly<Record<string, number>>;

  /** `overrides` are values that replace those of `.param` definitions. */
  constructor(
    reserved: ReadonlySet<string>,
    mistakes: Mistakes,
    overrides: Readonly<Record<string, number>>,
  ) {
    this.reserved = reserved;
    this.mistakes = mistakes;
    this.overrides = overrides;
  }

  find(name: string): Definition | undefined {
    return this.definitions.get(name);
  }

  all(): IterableIterator<Definition> {
    return this.definitions.values();
  }

  /** Whether a name may be defined here; says so when not. */
  isFree(word: Word, source: SourceText): boolean {
    const problem = { source, range: word };
    const before = this.definitions.get(word.text);
    if (looksLikeRegister(word.text)) {
      const message = `${word.text} is the name of a register`;
      this.mistakes.add({
        ...problem,
        code: 'reserved-name',
        message,
        hint: 'choose another name',
      });
    } else if (this.reserved.has(word.text)) {
      const message = `${word.text} is a word of the language`;
      this.mistakes.add({
        ...problem,
        code: 'reserved-name',
        message,
        hint: 'choose another name',
      });
    } else if (before) {
      const { file, line } = spanOf(before.source, before.range);
      const message = `${word.text} is already ${describeDefinition(before)}, defined in ${file}:${line}`;
      this.mistakes.add({ ...problem, code: 'duplicate-name', message });
    } else return true;
    return false;
  }

  /** Enters a definition whose name is free. */
  define(definition: Definition): void {
    this.definitions.set(definition.name, definition);
    if (definition.kind !== 'constant' || definition.doc === undefined) return;
    if (!Object.hasOwn(this.overrides, definition.name)) return;
    definition.value = this.overrides[definition.name]!;
    definition.progress = 'done';
  }

  /** `did you mean X?` among the names of a kind, or of every kind. */
  suggestion(name: string, kind?: Definition['kind']): string | undefined {
    const candidates = [...this.definitions.values()].filter((d) => !kind || d.kind === kind);
    return didYouMean(
      name,
      candidates.map((d) => d.name),
    );
  }
}
