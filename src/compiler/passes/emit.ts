/** Emission: kernels, symbols and loops over layers as the text of a program. */
import { blt } from '../../../isa/instructions/blt.ts';
import { halt } from '../../../isa/instructions/halt.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { jr } from '../../../isa/instructions/jr.ts';
import { li } from '../../../isa/instructions/li.ts';
import { comment, emitKernel, line } from '../emit/kernel.ts';
import type { AllocatedKernel, KernelRoutine, KernelSection } from '../kernels.ts';
import type { Kernel, TileValue } from '../kernel/kernel.ts';
import type { Module, Routine } from '../module.ts';
import { writesOf } from '../module.ts';
import { NameTable } from '../names.ts';
import { LAYER, LINK } from '../registers.ts';
import { SPILL_BUFFER } from './allocate.ts';
import type { Buffer, Plan } from './plan.ts';
import { bufferKey } from './plan.ts';

export interface EmitOptions {
  readonly plan: Plan;
  /** Memory of single kernels: key → elements. */
  readonly scratch: ReadonlyMap<string, number>;
  /** Slots of spilled tiles. */
  readonly spilled: number;
  /** File that holds the weights, as the program names it; without one they are never filled. */
  readonly weightsFile: string | undefined;
  /** Lines above everything, without semicolons. */
  readonly title: readonly string[];
  /** Lines of a driver that calls the routines; without one there is one routine, and HALT. */
  readonly driver:
    | {
        readonly data: readonly string[];
        readonly bss: readonly string[];
        readonly text: readonly string[];
      }
    | undefined;
  /** Lines above the data, such as `.param`. */
  readonly head: readonly string[];
}

export interface Emitted {
  readonly text: string;
  /** Symbol → buffer, of everything that is a symbol. */
  readonly symbols: ReadonlyMap<string, Buffer>;
}

const ARENA = 'Arena';

/** The whole program. */
export function emit(
  module: Module,
  routines: readonly KernelRoutine<AllocatedKernel>[],
  options: EmitOptions,
): Emitted {
  return new ProgramWriter(module, options).write(routines);
}

class ProgramWriter {
  private readonly module: Module;
  private readonly options: EmitOptions;
  private readonly names: NameTable;
  private readonly symbolOf = new Map<string, string>();
  private readonly symbols = new Map<string, Buffer>();
  /** Keys of buffers that every layer of a loop uses in its turn. */
  private readonly ofLayers: ReadonlySet<string>;

  constructor(module: Module, options: EmitOptions) {
    this.module = module;
    this.options = options;
    this.ofLayers = new Set(module.routines.flatMap(keysOfLayers));
    const { driver, head } = options;
    const given = [...head, ...(driver ? [...driver.data, ...driver.bss, ...driver.text] : [])];
    this.names = new NameTable([ARENA, ...given.flatMap(definedNames)]);
  }

  write(routines: readonly KernelRoutine<AllocatedKernel>[]): Emitted {
    const { plan, title, driver } = this.options;
    // What has no elements has no memory, and nothing asks where it is.
    const buffers = [...plan.buffers.values()].filter(({ shape }) => !shape.includes(0));
    for (const buffer of buffers) this.nameBuffer(buffer);
    const weights = buffers.filter(({ role }) => role === 'weight');
    const others = buffers.filter(({ role, arena }) => role !== 'weight' && arena === undefined);
    const shared = buffers.filter(({ arena }) => arena !== undefined);
    const lines = [
      ...title.map(comment),
      '',
      `.tile ${this.module.tile}`,
      ...this.options.head,
      ...section(this.options.weightsFile === undefined ? '.bss' : '.data', [
        ...weights.map((b) => this.weightLine(b)),
        ...(driver?.data ?? []),
      ]),
      ...section('.bss', [
        ...others.map((b) => this.bufferLine(b)),
        ...this.scratchLines(),
        ...(driver?.bss ?? []),
      ]),
      ...this.arenaLines(shared),
      ...weights.flatMap((b) => this.namesLine(b)),
      ...this.shows(others),
      '.text',
      ...(driver?.text ?? []),
      ...routines.flatMap((routine) => this.routineLines(routine)),
    ];
    return { text: `${lines.join('\n')}\n`, symbols: this.symbols };
  }

  private nameBuffer(buffer: Buffer): void {
    const named = this.ofLayers.has(buffer.key)
      ? { ...buffer, tensor: withoutNumber(buffer.tensor) }
      : buffer;
    const symbol = this.names.unique(symbolName(named, this.options.driver !== undefined));
    this.symbolOf.set(buffer.key, symbol);
    if (buffer.arena === undefined) this.symbols.set(symbol, buffer);
  }

  private weightLine(buffer: Buffer): string {
    const symbol = this.symbolOf.get(buffer.key)!;
    const { weightsFile } = this.options;
    if (weightsFile === undefined) return this.bufferLine(buffer);
    const file = JSON.stringify(weightsFile);
    return `${symbol}: ${typeText(buffer)} = file(${file}, ${JSON.stringify(symbol)})`;
  }

  /** Names of rows and columns, where the model has them. */
  private namesLine({ key, weights: [weight, ...others] }: Buffer): string[] {
    if (!weight || others.length > 0) return [];
    const axis = (word: string, names: readonly string[]) =>
      names.length === 0
        ? []
        : [`${word}(${names.map((name) => JSON.stringify(name)).join(', ')})`];
    const names = [...axis('rows', weight.rowNames), ...axis('cols', weight.colNames)];
    return names.length === 0 ? [] : [`.names ${this.symbolOf.get(key)!}, ${names.join(', ')}`];
  }

  private bufferLine(buffer: Buffer): string {
    return `${this.symbolOf.get(buffer.key)!}: ${typeText(buffer)}`;
  }

  private scratchLines(): string[] {
    const { scratch, spilled } = this.options;
    const { tile } = this.module;
    const sizes = new Map(scratch);
    if (spilled > 0) sizes.set(SPILL_BUFFER, spilled * tile * tile);
    return [...sizes].map(([key, elements]) => {
      const symbol = this.names.unique(key.replace(/^.*:/, ''));
      this.symbolOf.set(key, symbol);
      return `${symbol}: .f32 ${elements}`;
    });
  }

  private arenaLines(shared: readonly Buffer[]): string[] {
    const { arenaElements } = this.options.plan;
    if (shared.length === 0) return [];
    return [
      '.arena',
      `${ARENA}: .f32 ${arenaElements}  ; shared by what is needed at different times:`,
      ...shared.map(
        (b) => `.equ ${this.symbolOf.get(b.key)!}, ${ARENA} + ${b.arena}  ; ${b.shape.join('×')}`,
      ),
    ];
  }

  private shows(buffers: readonly Buffer[]): string[] {
    if (this.options.driver) return [];
    const outputs = buffers.filter(({ role }) => role === 'output');
    return outputs.map((b) => `.show ${this.symbolOf.get(b.key)!}, ${JSON.stringify(b.tensor)}`);
  }

  private routineLines({ name, sections }: KernelRoutine<AllocatedKernel>): string[] {
    const label = this.names.unique(name);
    const isMain = this.options.driver === undefined;
    return [
      '',
      ...(isMain ? [] : [`${label}:`]),
      ...sections.flatMap((part) => this.sectionLines(part)),
      '.part ""',
      isMain ? line(halt, []) : line(jr, [LINK]),
    ];
  }

  private sectionLines({ name, count, kernels }: KernelSection<AllocatedKernel>): string[] {
    const body: string[] = [];
    let part: string | undefined;
    for (const { kernel, registers } of kernels) {
      const own = count > 1 ? withoutNumber(kernel.part) : kernel.part;
      if (own !== part) body.push('', `.part ${JSON.stringify(own)}`);
      part = own;
      const spelled = count > 1 ? { ...kernel, name: withoutNumber(kernel.name) } : kernel;
      const lines = [comment(kernel.title), ...this.kernelLines(spelled, registers)];
      body.push(...(count > 1 ? lines.map((text) => ofEveryLayer(text, name)) : lines));
    }
    if (count === 1) return body;
    const label = this.names.unique(name);
    const register = `r${LAYER.register}`;
    return [
      '',
      `.part ${JSON.stringify(name)}`,
      line(li, [register, 0], `${count} layers, one after the other`),
      `${label}:`,
      ...body,
      line(iadd, [register, register, 1]),
      line(blt, [register, count, label], 'the next layer'),
    ];
  }

  private kernelLines(
    kernel: Kernel,
    registers: ReadonlyMap<TileValue, number>,
  ): readonly string[] {
    const buffers = (key: string) => ({ symbol: this.symbolOf.get(key) ?? key, offset: 0 });
    return emitKernel(kernel, registers, buffers, (wanted) => this.names.unique(wanted));
  }
}

/** The name that a line defines. */
function definedNames(text: string): string[] {
  const match = /^([A-Za-z_]\w*):|^\.(?:param|equ)\s+([A-Za-z_]\w*)/.exec(text);
  return match ? [match[1] ?? match[2]!] : [];
}

const section = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [name, ...lines];

/** Buffers that are written in loops over layers. */
function keysOfLayers(routine: Routine): string[] {
  const layers = routine.sections.filter(({ count }) => count > 1);
  const written = layers.flatMap(({ steps }) => steps.flatMap(writesOf));
  return written.map((tensor) => bufferKey(routine, tensor));
}

/** A line of a loop over layers: comments name the tensors of the first one. */
function ofEveryLayer(text: string, word: string): string {
  const parts = text.split(word);
  return parts.map((part, i) => (i === 0 ? part : part.replace(/^[ ._]?\d+\//, '/'))).join(word);
}

/** `layer 0/attention` is `layer/attention` where it stands for all layers. */
function withoutNumber(name: string): string {
  return name.replace(/^([^/]*?)[ ._]*\d+(?=\/|$)/, '$1');
}

/** `decode_tokens` and `logits` are names that the generation loop knows. */
function symbolName({ key, tensor, role, weights, shape }: Buffer, isPart: boolean): string {
  const routine = key.includes(':') ? key.split(':')[0]! : '';
  if (isPart && role === 'output' && routine === 'decode') return 'logits';
  const isStack = role === 'weight' ? weights.length > 1 : role === 'state' && shape.length > 2;
  if (isStack) return tensor.replace(/\b\d+[/._]?/, '');
  return isPart && role === 'input' ? `${routine}_${tensor}` : tensor;
}

const DIRECTIVES = { f32: '.f32', bool: '.f32', i32: '.i32' } as const;

/** Symbols have up to four dimensions; those in front are merged. */
function typeText({ dtype, shape, weights }: Buffer): string {
  const merged = shape.length > 4 ? [product(shape.slice(0, -3)), ...shape.slice(-3)] : shape;
  const directive = weights[0]?.format ? `.${weights[0].format}` : DIRECTIVES[dtype];
  return `${directive} ${merged.length === 0 ? 1 : merged.join(', ')}`;
}

const product = (shape: readonly number[]) => shape.reduce((n, dim) => n * dim, 1);
