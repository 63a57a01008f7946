/** Seeded random numbers, a pure function of (seed, index): no state, no order, no host. */

import { horner, log64 } from './double.ts';

/** Threefry-2x32-20 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11): rotations and key parity. */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const ROUNDS = 20;
const PARITY = 0x1bd11bda;

const TWO_26 = 67108864;
const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;
/** The two words of the latest block; overwritten by each call of `encrypt`. */
const WORDS = new Uint32Array(2);

/** Encrypts the 64-bit counter `index` under the 64-bit key `seed` into WORDS. Safe integers, negative ones included. */
function encrypt(seed: number, index: number): void {
  requireInteger(seed);
  requireInteger(index);
  const key0 = seed | 0;
  const key1 = Math.floor(seed / TWO_32) | 0;
  threefry(key0, key1, index | 0, Math.floor(index / TWO_32) | 0, WORDS);
}

/** One Threefry-2x32-20 block: 64 bits of `out` from two key words and two counter words. */
export function threefry(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
): void {
  const key2 = PARITY ^ key0 ^ key1;
  const keys = [key0, key1, key2];
  let x = (counter0 + key0) | 0;
  let y = (counter1 + key1) | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const turn = ROTATIONS[round % 8];
    x = (x + y) | 0;
    y = ((y << turn) | (y >>> (32 - turn))) ^ x;
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x = (x + keys[injection % 3]) | 0;
    y = (y + keys[(injection + 1) % 3] + injection) | 0;
  }
  out[0] = x;
  out[1] = y;
}

function requireInteger(value: number): void {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`a seed and an index are safe integers; got ${value}`);
}

/** A float64 in [0, 1), a multiple of 2⁻⁵³, from (seed, index) alone. */
export function uniform01(seed: number, index: number): number {
  encrypt(seed, index);
  return ((WORDS[0] >>> 5) * TWO_26 + (WORDS[1] >>> 6)) / TWO_53;
}

/** A standard normal float64 from (seed, index) alone: the inverse distribution at the centre of one of 2³² cells. */
export function standardNormal(seed: number, index: number): number {
  encrypt(seed, index);
  return inverseNormal((WORDS[0] + 0.5) / TWO_32);
}

/** Fills `data[i]` with lo + (hi − lo) · uniform01(seed, i), rounded to float32 once; rounding may reach hi. */
export function fillUniform(data: Float32Array, lo: number, hi: number, seed: number): void {
  for (let i = 0; i < data.length; i++) data[i] = lo + (hi - lo) * uniform01(seed, i);
}

/** Fills `data[i]` with mean + std · standardNormal(seed, i), rounded to float32 once. */
export function fillNormal(data: Float32Array, mean: number, std: number, seed: number): void {
  for (let i = 0; i < data.length; i++) data[i] = mean + std * standardNormal(seed, i);
}

/** M. Wichura, "Algorithm AS 241" (1988), PPND7: about seven figures; coefficients highest power first. */
const CENTRE_TOP = [5.910937472e1, 1.5929113202e2, 5.0434271938e1, 3.3871327179];
const CENTRE_BOTTOM = [6.71875636e1, 7.8757757664e1, 1.7895169469e1, 1];
const TAIL_TOP = [1.7023821103e-1, 1.3067284816, 2.75681539, 1.4234372777];
const TAIL_BOTTOM = [1.2021132975e-1, 7.370016425e-1, 1];
const FAR_TOP = [1.7337203997e-2, 4.2868294337e-1, 3.081226386, 6.657905115];
const FAR_BOTTOM = [1.2258202635e-2, 2.4197894225e-1, 1];

/** The z with Φ(z) = p, for 0 < p < 1; odd about p = ½. */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * horner(CENTRE_TOP, r)) / horner(CENTRE_BOTTOM, r);
  }
  const r = Math.sqrt(-log64(q < 0 ? p : 1 - p));
  const size =
    r <= 5
      ? horner(TAIL_TOP, r - 1.6) / horner(TAIL_BOTTOM, r - 1.6)
      : horner(FAR_TOP, r - 5) / horner(FAR_BOTTOM, r - 5);
  return q < 0 ? -size : size;
}
