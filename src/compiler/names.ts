/** Names of symbols and labels: what models call things, as the assembler lets one write it. */

/** Gives each wanted name a spelling that no other has. */
export class NameTable {
  private readonly taken = new Set<string>();

  constructor(reserved: Iterable<string> = []) {
    for (const name of reserved) this.taken.add(name);
  }

  /** `layer 0/attention/q` becomes `layer_0_attention_q`, and `…_2` where that is taken. */
  unique(wanted: string): string {
    const plain = spell(wanted);
    let name = plain;
    for (let i = 2; this.taken.has(name); i++) name = `${plain}_${i}`;
    this.taken.add(name);
    return name;
  }
}

/** Register names, functions and constants mean something else to the assembler. */
const MEANS_SOMETHING =
  /^([tr]\d+|rows|cols|bytes|sqrt|rsqrt|abs|floor|ceil|min|max|ceildiv|inf|nan|zeros|ones|full|identity|range|normal|uniform|file|transpose)$/i;

function spell(wanted: string): string {
  const plain = wanted.replaceAll(/[^A-Za-z0-9_]+/g, '_').replaceAll(/^_+|_+$/g, '');
  if (plain === '' || /^\d/.test(plain) || MEANS_SOMETHING.test(plain)) return `x_${plain}`;
  return plain;
}
