/** Every code that a diagnostic can have, with the sentence that explains it. */

export const DIAGNOSTIC_CODES = {
  'bad-character': 'A character that no word of the language contains.',
  'bad-file': 'A file that cannot be read, or that holds no such tensor.',
  'bad-operand':
    'An integer operand with which the instruction is certain to trap, such as a zero divisor.',
  'bad-shape':
    'A shape without dimensions, with more than four, with one below 1, or one that does not fit its values.',
  'circular-definition': 'A name whose value depends on itself.',
  'division-by-zero': 'A constant expression that divides by zero.',
  'duplicate-key': 'The same key, flag or directive given twice.',
  'duplicate-name':
    'A name that is already defined; labels, data, .equ and .param share one namespace.',
  'element-count': 'A list with more or fewer entries than the shape has elements.',
  'empty-program': 'A program without instructions.',
  'extra-operand': 'More operands than the instruction, directive, function or macro takes.',
  'falls-off-end': 'A path on which control runs past the last instruction.',
  'include-cycle':
    'A file that includes itself, directly or through others, or includes nested too deep.',
  'integer-overflow': 'A scalar result that is certain to be beyond ±2^53.',
  'macro-recursion': 'A macro whose expansions nest too deep.',
  'maybe-unwritten-register':
    'A register that is read where only some of the paths have written it.',
  'misaligned-address':
    'A known address or stride that is not a multiple of the bytes of an element.',
  'misplaced-directive': 'A line that does not belong in the section or block where it stands.',
  'missing-key': 'A key= that the instruction or function needs and that nothing implies.',
  'missing-operand': 'Fewer operands than the instruction, directive, function or macro needs.',
  'no-halt': 'A program in which nothing ends it.',
  'not-an-integer': 'A fraction where a whole number is needed.',
  'out-of-memory-range': 'A transfer that is certain to leave memory.',
  overflow: 'A value outside the range of its type, or that is no number at all.',
  'reserved-name': 'A definition whose name already means a register or a function.',
  'shape-mismatch': 'Tiles or sizes with which the instruction cannot work.',
  'symbol-overrun': 'A transfer that begins in one data symbol and runs beyond it.',
  syntax: 'A line that is not built as the grammar says.',
  'tile-overflow': 'A result with more rows or columns than a tile holds.',
  'tile-too-large': 'A tile with more rows or columns than .tile declares.',
  'too-deep': 'Brackets or definitions nested too deep.',
  'too-many-errors': 'So many mistakes that the rest of the program was not read.',
  'too-many-lines': 'More lines after expansion than the limit.',
  'too-much-memory': 'Data symbols that need more memory than the limit.',
  'undefined-target': 'A jump to an address that is not code.',
  'unknown-directive': 'A word with a dot that is not a directive.',
  'unknown-flag': 'A flag that the instruction does not have.',
  'unknown-function': 'A function that does not exist in this place.',
  'unknown-instruction': 'A word that is neither an instruction nor a macro.',
  'unknown-key': 'A key= that the instruction, directive or function does not take.',
  'unknown-name': 'A name that is not defined.',
  'unknown-param': 'A value given from outside for a .param that does not exist.',
  'unknown-register': 'A register beyond t31 or r31.',
  'unreachable-code': 'Instructions that no path leads to.',
  unterminated: 'A bracket, text or block that is opened and not closed.',
  'unused-symbol': 'A data symbol that nothing names.',
  'unwritten-register': 'A register that is read where no path has written it.',
  'wrong-operand-kind': 'An operand of another kind than the place needs.',
} as const satisfies Readonly<Record<string, string>>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
