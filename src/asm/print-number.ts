/** Numbers as .lasm text: the shortest decimals that read back as the same value. */

/** Integers from here on are not exact, so the assembler takes them as floats only. */
const FIRST_INEXACT = 2 ** 53;
/** Decimal digits that tell any two float32 values apart. */
const FLOAT32_DIGITS = 9;

/** The shortest decimal that rounds to the float32 nearest to `value`; `nan`, `inf`, `-0` included. */
export function printFloat32(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isInteger(rounded) && Math.abs(rounded) < 2 ** 24) return printNumber(rounded);
  if (!Number.isFinite(rounded)) return printNumber(rounded);
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const shorter = Number(rounded.toPrecision(digits));
    if (Math.fround(shorter) === rounded) return printNumber(shorter);
  }
  return printNumber(Number(rounded.toPrecision(FLOAT32_DIGITS)));
}

/** The shortest decimal that reads back as the float64 `value`. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Object.is(value, -0)) return '-0.0';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const isInexact = Math.abs(value) >= FIRST_INEXACT;
  return (isInexact ? value.toExponential() : String(value)).replace('e+', 'e');
}
