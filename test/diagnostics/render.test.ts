/** How diagnostics look. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';

const PLAIN = { colour: false };

function at(
  line: number,
  column: number,
  length: number,
  more: Partial<Diagnostic> = {},
): Diagnostic {
  const span = { file: 'a.lasm', line, column, length };
  return { severity: 'error', code: 'syntax', message: 'wrong', span, ...more };
}

function render(text: string, ...diagnostics: Diagnostic[]): string {
  return renderDiagnostics(diagnostics, new Map([['a.lasm', text]]), PLAIN);
}

test('place, message, line, underline, hint, notes and a count', () => {
  const text = '.text\n      SOFTMX t0, t1\n      m 4\n';
  const unknown = at(2, 7, 6, {
    code: 'unknown-instruction',
    message: 'unknown instruction SOFTMX',
    hint: 'did you mean SOFTMAX?',
    notes: [
      { message: 'in this use of m', span: { file: 'a.lasm', line: 3, column: 7, length: 3 } },
    ],
  });
  expect(render(text, unknown, at(1, 1, 5), at(1, 1, 5, { severity: 'warning' }))).toBe(
    `a.lasm:2:7: error[unknown-instruction]: unknown instruction SOFTMX
        SOFTMX t0, t1
        ^^^^^^
  hint: did you mean SOFTMAX?
  note: a.lasm:3:7: in this use of m

a.lasm:1:1: error[syntax]: wrong
  .text
  ^^^^^

a.lasm:1:1: warning[syntax]: wrong
  .text
  ^^^^^

2 errors, 1 warning
`,
  );
});

test('nothing to say is no text', () => {
  expect(render('x')).toBe('');
});

test('a file without a text is named only', () => {
  expect(renderDiagnostics([at(1, 1, 1)], new Map(), PLAIN)).toBe(
    'a.lasm:1:1: error[syntax]: wrong\n\n1 error\n',
  );
});

test('colour marks the severity and is nothing but colour', () => {
  const sources = new Map([['a.lasm', 'x']]);
  const coloured = renderDiagnostics([at(1, 1, 1, { hint: 'h' })], sources, { colour: true });
  expect(coloured).toContain('\x1b[31merror[syntax]:\x1b[0m');
  expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(render('x', at(1, 1, 1, { hint: 'h' })));
});

describe('the underline stands under its text', () => {
  /** The two lines, without the margin of two columns. */
  const excerpt = (text: string, column: number, length: number) =>
    render(text, at(1, column, length))
      .split('\n')
      .slice(1, 3)
      .map((line) => line.slice(2));

  test('behind tabs', () => {
    expect(excerpt('a\tbc\tX', 6, 1)).toEqual(['a       bc      X', `${' '.repeat(16)}^`]);
  });

  test('behind and under wide characters', () => {
    expect(excerpt('\u8868\ud83d\ude00 \u8868\u8868', 5, 2)).toEqual([
      '\u8868\ud83d\ude00 \u8868\u8868',
      '     ^^^^',
    ]);
  });

  test('in the middle of a long line', () => {
    const [line, underline] = excerpt(`${'a'.repeat(500)}XY${'b'.repeat(1_000_000)}`, 501, 2);
    expect(line).toBe(`\u2026${'a'.repeat(30)}XY${'b'.repeat(68)}\u2026`);
    expect(underline).toBe(`${' '.repeat(31)}^^`);
  });

  test('at the end of a line, and when it is longer than the line', () => {
    expect(excerpt('abc\r\nd', 4, 1)).toEqual(['abc', '   ^']);
    expect(excerpt('abc', 2, 99)).toEqual(['abc', ' ^^']);
  });
});

test('what could disturb a terminal is shown as a picture', () => {
  const shown = render('a\x1b[2Jb\u202e\0', at(1, 1, 1, { message: 'wrong \x1b[2J\r' }));
  expect(shown).toContain('wrong \u241b[2J\u240d');
  expect(shown).toContain('a\u241b[2Jb\ufffd\u2400');
});

test('any text and any span can be shown', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const place = fc.tuple(fc.nat(5), fc.nat(400), fc.nat(400));
  fc.assert(
    fc.property(text, place, (source, [line, column, length]) => {
      const shown = render(source, at(line + 1, column + 1, length));
      expect(shown).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
      expect(shown.split('\n').length).toBe(6);
    }),
    { seed: 41, numRuns: 1000 },
  );
});
