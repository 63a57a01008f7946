/** How others count the cycles of a systolic array; for comparing with them, and for nothing else. */
import type { SystolicArray } from './folds.ts';

/** What is counted. docs/systolic.md has the reason for each choice of each source. */
export interface Convention {
  /** The first stationary tile: shifted in, fetched from a buffer and shifted in, or there already. */
  readonly firstLoad: 'shifted' | 'fetched-and-shifted' | 'in-place';
  /** Whether shifting the sums out of an output-stationary array counts. */
  readonly osDrain: boolean;
  /** Fewest vectors that a fold streams. */
  readonly minimumVectors: number;
  /** Registers in front of and behind the array, in cycles. */
  readonly registerStages: number;
  /** Whether the index of the last cycle, counted from 0, is reported instead of the count. */
  readonly reportLastIndex: boolean;
}

/** Ours: every cycle from the first load to the last result, of a bare array. */
export const TEXTBOOK: Convention = {
  firstLoad: 'shifted',
  osDrain: true,
  minimumVectors: 1,
  registerStages: 0,
  reportLastIndex: false,
};

const SCALE_SIM: Convention = { ...TEXTBOOK, osDrain: false, reportLastIndex: true };

/** A counter of cycles, and what it takes to count like it. */
export interface Source {
  readonly weights: SystolicArray['weights'];
  readonly convention: Convention;
}

/** Five sources that do not share code; reasons in docs/systolic.md. */
export const SOURCES = {
  'textbook-verilog': { weights: 'serial', convention: TEXTBOOK },
  'SCALE-Sim-v2': { weights: 'serial', convention: SCALE_SIM },
  'SCALE-Sim-v3': { weights: 'serial', convention: SCALE_SIM },
  'OpenTPU-PyRTL': {
    weights: 'serial',
    convention: { ...TEXTBOOK, firstLoad: 'in-place', registerStages: 2 },
  },
  'ONNXim-core': {
    weights: 'double-buffered',
    convention: {
      ...TEXTBOOK,
      firstLoad: 'fetched-and-shifted',
      minimumVectors: 4,
      registerStages: 2,
    },
  },
} as const satisfies Readonly<Record<string, Source>>;

/** Cycles before the first fold can stream, on an array of `rows` rows. */
export function firstLoadCycles({ firstLoad }: Convention, rows: number): number {
  switch (firstLoad) {
    case 'shifted':
      return rows;
    case 'fetched-and-shifted':
      return rows + rows - 1;
    case 'in-place':
      return 0;
  }
  return firstLoad satisfies never;
}
