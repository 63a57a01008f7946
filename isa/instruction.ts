/** What an instruction is: the one declaration from which everything about it is derived. */
import type { ElementFormat } from '../src/tensor/formats.ts';
import type { Kernels } from '../src/tensor/kernels/kernels.ts';
import type { Tile } from '../src/tensor/tile.ts';
import type {
  KnownShapes,
  Operand,
  OperandSpec,
  OperandSpecs,
  PartialShape,
  Values,
} from './operand.ts';
import type { Unit, Work } from './work.ts';

/** The six base instructions, and the named extensions (`lowp` is low precision). */
export const INSTRUCTION_SETS = ['base', 'vector', 'control', 'token', 'lowp'] as const;
export type InstructionSet = (typeof INSTRUCTION_SETS)[number];

/** Memory as an instruction sees it; a range outside memory or a misaligned one traps. */
export interface MemoryPort {
  /** Reads `rows` runs of `cols` elements, `strideBytes` apart, into `out`. */
  readTile(
    address: number,
    rows: number,
    cols: number,
    strideBytes: number,
    out: Tile,
    format: ElementFormat,
  ): void;
  writeTile(address: number, strideBytes: number, tile: Tile, format: ElementFormat): void;
  readInteger(address: number): number;
  writeInteger(address: number, value: number): void;
}

/** The services behind ECALL. */
export interface HostPort {
  emitToken(token: number): void;
  /** The prompt token at `index`, or −1 behind the last. */
  promptToken(index: number): number;
  /** A number in [0, 1) that depends only on the run's seed and on `draw`. */
  random(draw: number): number;
}

/** Where an executing instruction puts its results. */
export interface Results {
  /** The written tile; never the storage of a tile that is read. */
  readonly out: Tile;
  /** The written scalar. */
  scalar: number;
  /** This instruction's own code address, and the next one's. */
  readonly pc: number;
  nextPc: number;
  /** For instructions with more than one implementation; all have the same bits. */
  readonly kernels: Kernels;
  readonly memory: MemoryPort;
  readonly host: HostPort;
}

/** `nextPc` of an instruction that ends the program; no register holds it, so JR cannot go there. */
export const HALTED = -Infinity;

/** An operand that cannot be: a diagnostic when seen before running, a trap when seen at run time. */
export class OperandError extends Error {
  readonly operand: string;
  readonly hint: string;
  /** `operand` is the operand's name in the definition; `hint` says what to do. */
  constructor(operand: string, message: string, hint: string) {
    super(message);
    this.name = 'OperandError';
    this.operand = operand;
    this.hint = hint;
  }
}

/** How an instruction may change the flow of control. */
export type ControlFlow = 'next' | 'branch' | 'jump' | 'halt';

/** A definition as its file writes it, with the types of its own operands. */
export interface InstructionSource<O extends OperandSpecs, F extends string> {
  readonly mnemonic: string;
  /** Stable number in the binary form. */
  readonly opcode: number;
  readonly set: InstructionSet;
  readonly unit: Unit;
  /** One sentence of register transfer. */
  readonly summary: string;
  /** The manual page behind the summary. */
  readonly manual: string;
  /** An example line, assembled by the tests. */
  readonly example: string;
  /** Name → meaning of each `.FLAG` that may follow the mnemonic, in the order they are written. */
  readonly flags?: Readonly<Record<F, string>>;
  /** Name → operand, positional ones first, in the order they are written. */
  readonly operands: O;
  readonly control?: ControlFlow;
  /** The format of what lies at the address, for an instruction that has one. */
  readonly elements?: ElementFormat;
  /** For a transfer of a tile; its operands are those of `defineLoad` or `defineStore`. */
  readonly transfer?: 'load' | 'store';
  /** Whether the host hears of it at once, so that it must not be executed ahead of its time. */
  readonly emits?: true;
  /** The written scalar as a function of the scalars that are read, in their order; see `computes`. */
  readonly compute?: ScalarFunction;
  /** Whether a branch is taken, as a function of the scalars that are read; see `branchesIf`. */
  readonly holds?: ScalarCondition;
  /**
   * The shape of the written tile (`undefined` when none is written) from what is known of the
   * operands; throws OperandError when they do not fit.
   */
  shape(known: KnownShapes<O, NoInfer<F>>): PartialShape | undefined;
  /** What the hardware has to do. */
  work(values: Values<O, NoInfer<F>>): Work;
  /** The values. Pure but for `results`. */
  execute(values: Values<O, NoInfer<F>>, results: Results): void;
}

/** Of two integers; an instruction that reads one is asked with any number in place of the other. */
export type ScalarFunction = (a: number, b: number) => number;
export type ScalarCondition = (a: number, b: number) => boolean;

type Erased = Readonly<Record<string, unknown>>;

/** A definition as everyone else reads it. */
export interface InstructionDefinition {
  readonly mnemonic: string;
  readonly opcode: number;
  readonly set: InstructionSet;
  readonly unit: Unit;
  readonly summary: string;
  readonly manual: string;
  readonly example: string;
  readonly flags: readonly { readonly name: string; readonly doc: string }[];
  readonly operands: readonly (OperandSpec & { readonly name: string })[];
  readonly control: ControlFlow;
  readonly elements: ElementFormat | undefined;
  readonly transfer: 'load' | 'store' | undefined;
  readonly emits: boolean;
  readonly compute: ScalarFunction | undefined;
  readonly holds: ScalarCondition | undefined;
  readonly writesTile: boolean;
  readonly writesScalar: boolean;
  shape(known: Erased): PartialShape | undefined;
  work(values: Erased): Work;
  readonly execute: (values: Erased, results: Results) => void;
}

/** One instruction of a program. */
export interface Instruction {
  readonly definition: InstructionDefinition;
  /** Bit i is set when the definition's flag i is present. */
  readonly flags: number;
  /** One for each operand of the definition, in its order. */
  readonly operands: readonly Operand[];
}

/** Declares an instruction. */
export function defineInstruction<const O extends OperandSpecs, const F extends string = never>(
  source: InstructionSource<O, F>,
): InstructionDefinition {
  const operands = Object.entries<OperandSpec>(source.operands).map(([name, spec]) =>
    Object.freeze({ name, ...spec }),
  );
  const writes = (kind: string) => operands.some((o) => o.kind === kind && o.access === 'write');
  const flags = Object.entries<string>(source.flags ?? {}).map(([name, doc]) => ({ name, doc }));
  return Object.freeze({
    ...source,
    manual: source.manual.trim(),
    flags,
    operands,
    control: source.control ?? 'next',
    elements: source.elements,
    transfer: source.transfer,
    emits: source.emits ?? false,
    compute: source.compute,
    holds: source.holds,
    writesTile: writes('tile'),
    writesScalar: writes('scalar'),
  } as unknown as InstructionDefinition);
}
