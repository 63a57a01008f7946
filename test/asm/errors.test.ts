/** Every mistake is told where it is: programs that name their own mistakes in comments. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIAGNOSTIC_CODES } from '../../src/diagnostics/codes.ts';
import type { MemoryFiles } from './support/assemble.ts';
import { assembleText, place } from './support/assemble.ts';

const FOLDER = new URL('./errors/', import.meta.url);
const PROGRAMS = readdirSync(FOLDER).filter((name) => name.endsWith('.lasm'));

const FILES: MemoryFiles = {
  texts: { 'self.lasm': '.include "self.lasm"', 'deep/start.lasm': '.include "next.lasm"' },
  tensors: {
    'w.npy': { dtype: 'f32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) },
  },
};

/** `12:7 code` for each mistake that the comments name. */
function announced(text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const list = /; error:((?: [a-z-]+@\d+)+)/.exec(line)?.[1] ?? '';
    return [...list.matchAll(/([a-z-]+)@(\d+)/g)].map((m) => `${i + 1}:${m[2]} ${m[1]}`);
  });
}

test('there are programs with mistakes', () => {
  expect(PROGRAMS.length).toBeGreaterThanOrEqual(4);
});

describe.each(PROGRAMS)('%s', (name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const { program, diagnostics } = assembleText(text, FILES);
  const own = diagnostics.filter((d) => d.span.file === 'main.lasm');

  test('has exactly the mistakes that it names, each in its place', () => {
    expect(own.map(place).sort()).toEqual(announced(text).sort());
    expect(program).toBeUndefined();
  });

  test('is told in messages of one sentence with codes of the table', () => {
    for (const { code, message, span } of diagnostics) {
      expect(Object.keys(DIAGNOSTIC_CODES)).toContain(code);
      expect(message).not.toMatch(/\.$|undefined|\[object|NaN/);
      expect(span.length).toBeGreaterThan(0);
    }
  });
});
