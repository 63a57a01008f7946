/** Lighter weights, measured: what 16-bit floats, int8 and pruning do to bytes, cycles and results. */
import type { Report } from '../reports/report.ts';
import { FORMATS } from '../tensor/formats.ts';
import type { Build, LighterWeights } from './build.ts';

/** One way to keep the weights. */
export interface Variant {
  readonly name: string;
  readonly lighter: LighterWeights;
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

const PUBLISHED: Variant = { name: 'as published', lighter: {} };

/** The published weights, and then each other way to keep them. */
export function variantsOf(ways: readonly LighterWeights[]): readonly Variant[] {
  return [PUBLISHED, ...ways.map((lighter): Variant => ({ name: nameOf(lighter), lighter }))];
}

function nameOf({ quantize, narrow, prune = 0 }: LighterWeights): string {
  return quantize ?? narrow ?? `${+(prune * 100).toFixed(1)} % of tiles pruned`;
}

/** Runs each variant and compares it with the first. */
export function compareVariants(
  variants: readonly Variant[],
  measure: (lighter: LighterWeights) => Measured,
): readonly LightRow[] {
  const measured = variants.map(({ lighter }) => measure(lighter));
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
    bytes += shape.reduce((n, dim) => n * dim, FORMATS[format].bytes);
  }
  return bytes;
}
