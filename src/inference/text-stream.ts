/** Text from tokens as they come: only what later tokens will not change. */

/** Turns the tokens of one text into pieces that make up what `decode` gives for all of them. */
export class TextStream {
  readonly #decode: (tokens: readonly number[]) => string;
  readonly #tokens: number[] = [];
  #written = '';

  constructor(decode: (tokens: readonly number[]) => string) {
    this.#decode = decode;
  }

  /** One token more; gives the text that is certain now, which may be ''. */
  push(token: number): string {
    this.#tokens.push(token);
    return this.#advance(this.#decode(this.#tokens).replace(/\uFFFD+$/u, ''));
  }

  /** No more tokens come; gives the rest. */
  end(): string {
    return this.#advance(this.#decode(this.#tokens));
  }

  /**
   * What `text` has behind what is written. A decoder that tidies up, such as one that closes the
   * gap before a comma, may take back what it said; what is printed stays, up to the end of it.
   */
  #advance(text: string): string {
    if (text.length <= this.#written.length) return '';
    const piece = text.slice(this.#written.length);
    this.#written = text;
    return piece;
  }
}
