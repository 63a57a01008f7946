/** The Python dict literal that heads a `.npy` file, read by a strict parser and never evaluated. */

import { describe, FileError } from './tensor-file.ts';

/** A value of the dict: a string, True or False, or the words of a tuple (numbers where decimal). */
export type PythonLiteral = string | boolean | readonly (number | string)[];

/**
 * The keys and values of a dict literal with string keys, and strings without escapes, booleans
 * or flat tuples as values: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
 *
 * @throws FileError 'malformed' where the text is anything else, 'unsupported' at a list.
 */
export function parsePythonDict(text: string): Map<string, PythonLiteral> {
  return new DictParser(text).parse();
}

class DictParser {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Map<string, PythonLiteral> {
    const dict = new Map<string, PythonLiteral>();
    this.expect('{');
    while (!this.accept('}')) {
      const key = this.string();
      if (dict.has(key)) this.fail(`a new key instead of ${describe(key)} again`);
      this.expect(':');
      dict.set(key, this.value());
      if (!this.accept(',')) {
        this.expect('}');
        break;
      }
    }
    this.match(/\s*/y);
    if (this.at < this.text.length) this.fail('nothing after the dict');
    return dict;
  }

  private value(): PythonLiteral {
    if (this.accept('(')) return this.tuple();
    if (this.accept('[')) throw new FileError('unsupported', 'structured arrays are not read');
    const word = this.match(/\s*(True|False)\b/y);
    return word === undefined ? this.string() : word === 'True';
  }

  private tuple(): (number | string)[] {
    const words: (number | string)[] = [];
    while (!this.accept(')')) {
      const word = this.match(/\s*([-+.\w]+)/y) ?? this.fail('a number');
      words.push(/^\d+$/.test(word) ? Number(word) : word);
      if (!this.accept(',')) {
        if (words.length === 1) this.fail(`','`);
        this.expect(')');
        break;
      }
    }
    return words;
  }

  private string(): string {
    return (
      this.match(/\s*'([^'\\\n]*)'/y) ?? this.match(/\s*"([^"\\\n]*)"/y) ?? this.fail('a string')
    );
  }

  private expect(mark: string): void {
    if (!this.accept(mark)) this.fail(`'${mark}'`);
  }

  private accept(mark: string): boolean {
    this.match(/\s*/y);
    if (this.text[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  /** Moves past `pattern` where it fits here, giving its first group ('' when it has none). */
  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at = pattern.lastIndex;
    return found[1] ?? '';
  }

  private fail(wanted: string): never {
    const found = describe(this.text.slice(this.at, this.at + 20));
    throw new FileError('malformed', `the header must have ${wanted} at ${found}`);
  }
}
