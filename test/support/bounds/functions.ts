/** Bounds of EXP, TANH, ERF, SIGMOID, RSQRT, SILU and GELU, given how accurate the first five are. */
import * as exact from '../../../src/reference/activation.ts';
import type { Bounded } from './bounded.ts';
import { mapBounded } from './bounded.ts';
import { product } from './elementwise.ts';
import { afterRelative, afterRoundings, orFlushed, relativeOfUlps } from './rounding.ts';

/** The documented maximum error of each approximation, in ULP of the exact result. */
export interface FunctionErrors {
  readonly exp: number;
  readonly tanh: number;
  readonly erf: number;
  readonly sigmoid: number;
  readonly rsqrt: number;
}

/** A scalar rule: the bound after a function, from the value and the error of its operand. */
export type ScalarBound = (x: number, dx: number) => number;

/**
 * Roundings of √(2/π)·(x + 0.044715·x³) in whatever order it is evaluated: two for x³, two for
 * each constant (its own and its product), one for the sum. All terms have one sign.
 */
export const GELU_TANH_INNER_ROUNDINGS = 7;

/** Roundings of x/√2: the constant's own and the product's. */
export const GELU_ERF_INNER_ROUNDINGS = 2;

/**
 * Roundings of x·sigmoid(x) after the sigmoid: one, and two more so that x / (1 + e^(−x)), whose
 * sum and quotient round outside any sigmoid, is covered too.
 */
export const SILU_ROUNDINGS = 3;

/** e^a: |e^(x+d) − e^x| = e^x·(e^d − 1), then the function's own error. */
export function exp(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(a, Math.exp, (x, dx) => {
    const value = Math.exp(x);
    const moved = value === 0 ? Math.exp(x + dx) : value * Math.expm1(dx);
    return orFlushed(value, afterFunction(value, moved, ulps.exp));
  });
}

/** tanh a: the derivative 1 − tanh² is largest at the point of [x ± dx] nearest to 0. */
export function tanh(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(a, Math.tanh, (x, dx) => tanhBound(x, dx, ulps));
}

/** erf a: the derivative 2/√π·e^(−x²) is largest at the point of [x ± dx] nearest to 0. */
export function erf(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(a, exact.erf, (x, dx) => erfBound(x, dx, ulps));
}

/** 1/(1 + e^(−a)): the derivative σ(1 − σ) is largest at the point of [x ± dx] nearest to 0. */
export function sigmoid(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(a, exact.sigmoid, (x, dx) => sigmoidBound(x, dx, ulps));
}

/** 1/√a; unbounded where the machine's operand might not be positive. */
export function rsqrt(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(
    a,
    (x) => 1 / Math.sqrt(x),
    (x, dx) => rsqrtBound(x, dx, ulps),
  );
}

/** a·sigmoid(a), in any of the orders that `SILU_ROUNDINGS` allows. */
export function silu(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(a, exact.silu, (x, dx) => {
    const moved = product(x, dx, exact.sigmoid(x), sigmoidBound(x, dx, ulps));
    return afterRoundings(exact.silu(x), moved, SILU_ROUNDINGS);
  });
}

/** a·½·(1 + erf(a/√2)). Where 1 + erf cancels, the bound is absolute, about u·|a|. */
export function geluErf(a: Bounded, ulps: FunctionErrors): Bounded {
  return mapBounded(a, exact.gelu, (x, dx) => {
    const t = x / Math.SQRT2;
    const dt = afterRoundings(t, dx / Math.SQRT2, GELU_ERF_INNER_ROUNDINGS);
    return halfTimesOnePlus(x, dx, exact.erf(t), erfBound(t, dt, ulps));
  });
}

/** 0.5·a·(1 + tanh(√(2/π)·(a + 0.044715·a³))). */
export function geluTanh(a: Bounded, ulps: FunctionErrors): Bounded {
  const root = Math.sqrt(2 / Math.PI);
  return mapBounded(a, exact.geluTanh, (x, dx) => {
    const t = root * (x + 0.044715 * x ** 3);
    const slope = root * (1 + 3 * 0.044715 * (Math.abs(x) + dx) ** 2); // steepest in [x ± dx]
    const dt = afterRoundings(t, slope * dx, GELU_TANH_INNER_ROUNDINGS);
    return halfTimesOnePlus(x, dx, Math.tanh(t), tanhBound(t, dt, ulps));
  });
}

/** Bound of x/2·(1 + f): the sum rounds, the product rounds, the half is exact. */
function halfTimesOnePlus(x: number, dx: number, f: number, df: number): number {
  const sum = 1 + f;
  const value = (x / 2) * sum;
  return afterRoundings(value, product(x / 2, dx / 2, sum, afterRoundings(sum, df)));
}

const nearestToZero: ScalarBound = (x, dx) => Math.max(0, Math.abs(x) - dx);

/** σ·(1 − σ), as σ(x)·σ(−x) so that it does not cancel to 0 for large x. */
function sigmoidSlope(x: number): number {
  return exact.sigmoid(x) * exact.sigmoid(-x);
}

function tanhBound(x: number, dx: number, ulps: FunctionErrors): number {
  const slope = 4 * sigmoidSlope(2 * nearestToZero(x, dx)); // tanh t = 2σ(2t) − 1
  return afterFunction(Math.tanh(x), slope * dx, ulps.tanh);
}

function erfBound(x: number, dx: number, ulps: FunctionErrors): number {
  const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-(nearestToZero(x, dx) ** 2));
  return afterFunction(exact.erf(x), slope * dx, ulps.erf);
}

function sigmoidBound(x: number, dx: number, ulps: FunctionErrors): number {
  const value = exact.sigmoid(x);
  const error = afterFunction(value, sigmoidSlope(nearestToZero(x, dx)) * dx, ulps.sigmoid);
  return orFlushed(value, error);
}

/** Bound of 1/√x; `atLeast` is a lower bound on the machine's operand that is known otherwise. */
export function rsqrtBound(x: number, dx: number, ulps: FunctionErrors, atLeast = 0): number {
  const value = 1 / Math.sqrt(x);
  if (!(x > 0) && dx === 0) return 0; // exact in IEEE 754: infinity for 0, NaN below
  const lowest = Math.max(x - dx, atLeast);
  const up = lowest > 0 ? 1 / Math.sqrt(lowest) - value : Infinity;
  const down = value - 1 / Math.sqrt(x + dx);
  return afterFunction(value, Math.max(up, down), ulps.rsqrt);
}

function afterFunction(value: number, moved: number, ulps: number): number {
  // Where results are subnormal an ULP is 2⁻¹⁴⁹, two underflow units, whatever the value.
  return afterRelative(value, moved, relativeOfUlps(ulps), 2 * ulps);
}
