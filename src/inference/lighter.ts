/** Lighter weights, measured: what int8 and pruning do to bytes, cycles and results. */
import type { Report } from '../reports/report.ts';
import type { Build } from './build.ts';

/** One way to keep the weights. */
export interface Variant {
  readonly name: string;
  readonly quantize?: 'int8';
  readonly prune?: number;
}

/** What a variant gave: its program, its report, and its results one behind the other. */
export interface Measured {
  readonly build: Build;
  readonly report: Report;
  readonly results: Float32Array;
}

/** One line of the comparison. */
export interface LightRow {
  readonly name: string;
  /** Bytes of all weights in memory, lists of tiles and scales included. */
  readonly weightBytes: number;
  /** Bytes that the run read and wrote. */
  readonly movedBytes: number;
  readonly cycles: number;
  /** The largest distance from the results with the weights as they are published. */
  readonly error: number;
  /** That distance as a share of the largest magnitude of those results. */
  readonly relativeError: number;
}

const PUBLISHED: Variant = { name: 'as published' };

/** The variants that options ask for, the published weights first. */
export function variantsOf(quantize: 'int8' | undefined, prune: number | undefined): Variant[] {
  const variants: Variant[] = [PUBLISHED];
  if (quantize) variants.push({ name: quantize, quantize });
  if (prune) variants.push({ name: `${+(prune * 100).toFixed(1)} % of tiles pruned`, prune });
  return variants;
}

/** Runs each variant and compares it with the first. */
export function compareVariants(
  variants: readonly Variant[],
  measure: (variant: Variant) => Measured,
): readonly LightRow[] {
  const measured = variants.map(measure);
  const exact = measured[0]!.results;
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return measured.map(({ build, report, results }, i): LightRow => {
    const error = results.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - exact[at]!)),
      0,
    );
    return {
      name: variants[i]!.name,
      weightBytes: weightBytesOf(build),
      movedBytes: report.memory.bytesRead + report.memory.bytesWritten,
      cycles: report.cycles,
      error,
      relativeError: largest === 0 ? 0 : error / largest,
    };
  });
}

function weightBytesOf({ weights }: Build): number {
  let bytes = 0;
  for (const { shape, format } of weights.values()) {
    bytes += shape.reduce((n, dim) => n * dim, format === 'i8' ? 1 : 4);
  }
  return bytes;
}
