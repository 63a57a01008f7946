/** The angles of rotary position embeddings: what config.json says of them, and the tables. */
import { exp64, log64 } from '../../tensor/double.ts';
import type { HostTensor } from '../../tensor/host-tensor.ts';
import type { Config } from './config.ts';
import { sinCos } from './trigonometry.ts';

const f = Math.fround;
const TWO_PI = f(6.283185307179586);

/** How frequencies are stretched for texts longer than those of the training. */
type Scaling =
  | { readonly kind: 'default' }
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFactor: number;
      readonly highFactor: number;
      readonly trained: number;
    };

export interface Rope {
  /** The base of the frequencies, `rope_theta`. */
  readonly base: number;
  readonly scaling: Scaling;
}

/**
 * The rotary embedding that config.json asks for: `rope_parameters` as transformers 5 writes it, or
 * `rope_theta` and `rope_scaling` as older ones do. An `attention_factor` is not looked at, as
 * `modeling_rope_utils.py` ignores it for these kinds. Other kinds are FileError 'unsupported'.
 */
export function readRope(config: Config): Rope {
  const key = config.has('rope_parameters') ? 'rope_parameters' : 'rope_scaling';
  const scaling = config.object(key);
  const base = scaling?.optionalNumber('rope_theta') ?? config.number('rope_theta', 10000);
  for (const place of [config, scaling]) {
    if ((place?.number('partial_rotary_factor', 1) ?? 1) !== 1) {
      place!.unsupported('partial_rotary_factor', 'all columns of a head must turn');
    }
  }
  if (!(base > 0))
    (scaling?.has('rope_theta') ? scaling : config).malformed('rope_theta', 'above 0');
  return { base, scaling: scaling ? readScaling(scaling) : { kind: 'default' } };
}

function readScaling(scaling: Config): Scaling {
  const key = scaling.has('rope_type') ? 'rope_type' : 'type';
  const kind = scaling.text(key, 'default');
  switch (kind) {
    case 'default':
      return { kind };
    case 'linear':
      return { kind, factor: positive(scaling, 'factor') };
    case 'llama3':
      return {
        kind,
        factor: positive(scaling, 'factor'),
        lowFactor: positive(scaling, 'low_freq_factor'),
        highFactor: positive(scaling, 'high_freq_factor'),
        trained: positive(scaling, 'original_max_position_embeddings'),
      };
    default:
      return scaling.unsupported(key, 'there are default, linear and llama3');
  }
}

function positive(config: Config, key: string): number {
  const value = config.number(key, 0);
  return value > 0 ? value : config.malformed(key, 'it must be a number above 0');
}

/**
 * The angle per position of each pair of columns [width/2]: 1 / base^(2i/width), then stretched.
 *
 * Each step is one float32 operation, as in `modeling_rope_utils.py`; the power alone may differ
 * from PyTorch's in its last bit, by 2⁻²³ of the frequency. At position p that turns a head by at
 * most p · 2⁻²³ more or less, 1.5e-5 at position 128, beneath the 1e-4 that logits are compared to.
 */
export function frequencies({ base, scaling }: Rope, width: number): Float32Array {
  return Float32Array.from({ length: width / 2 }, (_, i) => {
    const power = f(exp64(f((2 * i) / width) * log64(base)));
    return stretched(f(1 / power), scaling);
  });
}

function stretched(frequency: number, scaling: Scaling): number {
  switch (scaling.kind) {
    case 'default':
      return frequency;
    case 'linear':
      return f(frequency / f(scaling.factor));
    case 'llama3':
      return llama3Frequency(frequency, scaling);
  }
  return scaling satisfies never;
}

/**
 * Short waves stay, long ones are stretched, those between are a mixture.
 * Source: `_compute_llama3_parameters` of transformers, modeling_rope_utils.py.
 */
function llama3Frequency(frequency: number, scaling: Scaling & { kind: 'llama3' }): number {
  const { factor, lowFactor, highFactor, trained } = scaling;
  const wave = f(TWO_PI / frequency);
  const long = f(frequency / f(factor));
  if (wave > f(trained / lowFactor)) return long;
  if (wave < f(trained / highFactor)) return frequency;
  const smooth = f(f(f(f(trained) / wave) - f(lowFactor)) / f(highFactor - lowFactor));
  return f(f(f(f(1 - smooth) * frequency) / f(factor)) + f(smooth * frequency));
}

/** cos or sin of position · frequency as [positions × width/2], angles rounded to float32 first. */
export function ropeTable(
  which: 'cos' | 'sin',
  rope: Rope,
  shape: readonly [positions: number, half: number],
): HostTensor {
  const [positions, half] = shape;
  const turns = frequencies(rope, 2 * half);
  const data = new Float32Array(positions * half);
  data.forEach((_, at) => {
    data[at] = sinCos(f(Math.floor(at / half) * turns[at % half]!))[which];
  });
  return { dtype: 'f32', shape, data };
}
