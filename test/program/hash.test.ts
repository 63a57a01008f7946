/** The hash of a program counts what decides values and time, and nothing else. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashText, programHash } from '../../src/program/hash.ts';
import type { DataType, Program } from '../../src/program/program.ts';
import { decoratedProgram } from '../support/decorated-program.ts';

const SEED = 43;

/** The same program with nothing but what decides values and time. */
function bare(program: Program): Program {
  const span = { file: 'other', line: 9, column: 9, length: 9 };
  return {
    ...program,
    name: 'other',
    spans: program.code.map(() => span),
    parts: program.code.map(() => ''),
    symbols: program.symbols.map((symbol, i) => ({
      ...symbol,
      name: `S${i}`,
      rowNames: [],
      colNames: [],
      doc: '',
      span,
    })),
    labels: [],
    params: [],
    expectations: [],
    shows: [],
    sources: [],
  };
}

it('ignores names, comments and places', () => {
  const law = fc.property(decoratedProgram, (program) => {
    expect(programHash(program)).toMatch(/^[0-9a-f]{16}$/);
    expect(programHash(bare(program))).toBe(programHash(program));
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

it('sees every instruction, value and address', () => {
  const law = fc.property(decoratedProgram, fc.nat(), (program, place) => {
    const hash = programHash(program);
    const [first, ...others] = program.symbols;
    const data = first.data!.slice();
    data[place % data.length] = data[place % data.length] === 7 ? 8 : 7;
    const changes: Program[] = [
      { ...program, tile: program.tile + 1 },
      { ...program, code: program.code.slice(0, -1) },
      { ...program, symbols: [{ ...first, data }, ...others] },
      { ...program, symbols: [{ ...first, data: undefined }, ...others] },
      { ...program, symbols: [{ ...first, address: first.address + 64 }, ...others] },
      {
        ...program,
        symbols: [{ ...first, dtype: first.dtype === 'i32' ? 'f32' : 'i32' }, ...others],
      },
    ];
    for (const changed of changes) expect(programHash(changed)).not.toBe(hash);
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

/** Two of the NaNs of each format that has them. */
const NANS: Partial<Record<DataType, readonly number[]>> = {
  f32: [0x7fc00001, 0xff800001],
  f16: [0x7e01, 0xfc01],
  bf16: [0x7fc1, 0xff81],
};

it('takes all NaNs for one', () => {
  const law = fc.property(decoratedProgram, (program) => {
    const [first, ...others] = program.symbols;
    const nans = NANS[first.dtype];
    fc.pre(nans !== undefined);
    const [one, other] = nans!.map((bits) => {
      const data = first.data!.slice();
      new (data instanceof Uint16Array ? Uint16Array : Uint32Array)(data.buffer)[0] = bits;
      return programHash({ ...program, symbols: [{ ...first, data }, ...others] });
    });
    expect(one).toBe(other);
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

it('is the SHA-256 of FIPS 180-2, appendix B.1, for a text', () => {
  expect(hashText('abc')).toBe('ba7816bf8f01cfea');
});
