/** Programs to measure with: hazard programs in a loop, and a long generated source text. */
import { readFileSync, readdirSync } from 'node:fs';

const HAZARDS = 'programs/hazards/';

/** Every hazard program by name, its body repeated `times` times by a loop. */
export function loopedHazards(times: number): Map<string, string> {
  const files = readdirSync(HAZARDS).filter((file) => file.endsWith('.lasm'));
  return new Map(
    files
      .sort()
      .map((file) => [
        file.replace('.lasm', ''),
        looped(readFileSync(HAZARDS + file, 'utf8'), times),
      ]),
  );
}

/** A product of 16 × 256 by 256 × 16, tile by tile, again and again. */
export const TILED_PRODUCT = `
      .tile      16
      .bss
X:    .f32       16, 256
W:    .f32       256, 16
Y:    .f32       16, 16
      .text
      LI         r1, 0
again:
      LI         r2, 0
      LI         r3, 0
      FILL       t2, 0, rows=16, cols=16
inner:
      LOAD       t0, [X + r2], rows=16, cols=16, stride=1024
      LOAD       t1, [W + r3], rows=16, cols=16, stride=64
      IADD       r2, r2, 64
      IADD       r3, r3, 1024
      MATMUL.ACC t2, t0, t1
      BLT        r2, 1024, inner
      STORE      [Y], t2
      IADD       r1, r1, 1
      BLT        r1, 6, again
      HALT
`;

/** Puts a loop around what stands between `.text` and HALT, and drops what is expected. */
function looped(source: string, times: number): string {
  return source
    .replace(/^ *\.expect.*$/gm, '')
    .replace(/^( *\.text)$/m, `$1\n      LI        r30, ${times}\nagain:`)
    .replace(/^ *HALT/m, '      IADD      r30, r30, -1\n      BNE       r30, 0, again\n      HALT');
}

const BLOCK = [
  '      LOAD      t0, [X + r1], rows=8, cols=16       ; a block of X',
  '      LOAD      t1, [W], rows=16, cols=16',
  '      MATMUL.T  t2, t0, t1',
  '      MATMUL.ACC t2, t0, t1',
  '      SOFTMAX   t3, t2, scale=1/sqrt(16), causal=0',
  '      ADD       t4, t3, t2',
  '      STORE     [Y + r1 + 4*D], t4, stride=64',
  '      IADD      r1, r1, 0',
];

/** A source text of typical instructions, `lines` lines long, with a label every 64 lines. */
export function generatedSource(lines: number): string {
  const head = [
    '      .tile     16',
    '      .equ      D, 16',
    '      .data',
    'X:    .f32      16, 16 = zeros()',
    'W:    .f32      16, 16 = identity()',
    '      .bss',
    'Y:    .f32      64, 16',
    '      .text',
    '      LI        r1, 0',
  ];
  const body = Array.from({ length: lines - head.length - 1 }, (_, i) => {
    const line = BLOCK[i % BLOCK.length]!;
    return i % 64 === 0 ? `l${i}:`.padEnd(6) + line.trimStart() : line;
  });
  return [...head, ...body, '      HALT', ''].join('\n');
}
