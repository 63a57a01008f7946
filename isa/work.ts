/** Work: what an instruction asks of the hardware, in units that no machine decides. */

/** The kinds of functional unit. */
export const UNITS = ['alu', 'mxu', 'vec', 'sfu', 'dma'] as const;
export type Unit = (typeof UNITS)[number];

/** A pass over `elements` values on the lanes of one unit. */
export interface MicroOperation {
  readonly name: string;
  readonly unit: 'vec' | 'sfu';
  readonly elements: number;
}

/** A matrix product: (m × k) · (k × n). */
export interface MatrixWork {
  readonly kind: 'matrix';
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Passes over elements, one behind the other. */
export interface ElementWork {
  readonly kind: 'elements';
  readonly operations: readonly MicroOperation[];
}

/** A transfer of `rows` runs of `rowBytes` bytes, `strideBytes` apart, from `address` up. */
export interface MemoryWork {
  readonly kind: 'memory';
  readonly direction: 'read' | 'write';
  readonly address: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly strideBytes: number;
}

/** One integer operation. */
export interface ScalarWork {
  readonly kind: 'scalar';
}

export type Work = MatrixWork | ElementWork | MemoryWork | ScalarWork;

export const SCALAR_WORK: ScalarWork = { kind: 'scalar' };

/** Multiply-accumulates of a matrix product. */
export function macsOf(work: Work): number {
  return work.kind === 'matrix' ? work.m * work.k * work.n : 0;
}

/** Bytes that a transfer moves. */
export function bytesOf(work: Work): number {
  return work.kind === 'memory' ? work.rows * work.rowBytes : 0;
}

/** Shorthand for passes over the same number of elements: `passes(n, 'vec:add', 'sfu:exp')`. */
export function passes(elements: number, ...names: readonly `${'vec' | 'sfu'}:${string}`[]) {
  return names.map((name): MicroOperation => {
    const unit = name.startsWith('sfu') ? 'sfu' : 'vec';
    return { name: name.slice(4), unit, elements };
  });
}
