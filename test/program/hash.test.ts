/** The hash of a program counts what decides values and time, and nothing else. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashText, programHash } from '../../src/program/hash.ts';
import type { Program } from '../../src/program/program.ts';
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
      { ...program, symbols: [{ ...first, dtype: 'i32' }, ...others] },
    ];
    for (const changed of changes) expect(programHash(changed)).not.toBe(hash);
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

it('takes all NaNs for one', () => {
  const law = fc.property(decoratedProgram, (program) => {
    const [first, ...others] = program.symbols;
    const withNaN = (bits: number): Program => {
      const data = first.data!.slice() as Float32Array;
      new Int32Array(data.buffer)[0] = bits;
      return { ...program, symbols: [{ ...first, data }, ...others] };
    };
    expect(programHash(withNaN(0x7fc00001))).toBe(programHash(withNaN(0xff800001 | 0)));
  });
  fc.assert(law, { numRuns: 300, seed: SEED });
});

it('is the SHA-256 of FIPS 180-2, appendix B.1, for a text', () => {
  expect(hashText('abc')).toBe('ba7816bf8f01cfea');
});
