/** A command that cannot be obeyed; `message` is what the person reads. */
export class Mistake extends Error {
  constructor(message: string, hint = '') {
    super(hint === '' ? message : `${message}; ${hint}`);
    this.name = 'Mistake';
  }
}
