/** Operands: what a line writes, matched with what the definition of its instruction declares. */
import type { InstructionDefinition } from '../../isa/instruction.ts';
import type { Operand, OperandKind } from '../../isa/operand.ts';
import { INSTRUCTIONS } from '../../isa/index.ts';
import { FORMATS } from '../tensor/formats.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Address } from './address.ts';
import { readAddress } from './address.ts';
import type { Argument, Expression, Statement } from './ast.ts';
import { rangeOf } from './ast.ts';
import type { Evaluator } from './expressions.ts';
import type { Known, Spec } from './implied.ts';
import { ABSENT, TILE_KEYS, impliedOperand, whyNotImplied } from './implied.ts';
import type { Mistakes } from './mistakes.ts';
import { countOf, fail } from './mistakes.ts';
import type { Names } from './names.ts';
import { findRegister, looksLikeRegister, registerHint } from './names.ts';

/** What a place for an operand of each kind needs. */
const NEEDS: Readonly<Record<OperandKind, string>> = {
  tile: 'a tile register',
  scalar: 'a scalar register',
  integer: 'a whole number or a scalar register',
  number: 'a number',
  address: 'an address in brackets',
  label: 'a label',
};

/** What is written for the operands of a definition, and what is known of them. */
interface Matched {
  readonly given: readonly (Expression | undefined)[];
  readonly operands: (Operand | undefined)[];
  readonly address: Address | undefined;
}

function isComplete(operands: readonly (Operand | undefined)[]): operands is Operand[] {
  return !operands.includes(undefined);
}

/** Reads the operands of one instruction after the other. */
export class OperandReader {
  private readonly names: Names;
  private readonly evaluator: Evaluator;
  private readonly mistakes: Mistakes;
  private readonly tile: number;

  constructor(names: Names, evaluator: Evaluator, mistakes: Mistakes, tile: number) {
    this.names = names;
    this.evaluator = evaluator;
    this.mistakes = mistakes;
    this.tile = tile;
  }

  /** One operand for each of the definition; those that are wrong are reported and absent. */
  read(
    definition: InstructionDefinition,
    statement: Statement,
    list: readonly Argument[],
  ): Operand[] {
    const specs = definition.operands;
    const given = this.match(definition, statement, list);
    const operands: (Operand | undefined)[] = [];
    let address: Address | undefined;
    for (let i = 0; i < specs.length; i++) {
      const [spec, node] = [specs[i]!, given[i]];
      let operand: Operand | undefined;
      try {
        if (node && spec.kind === 'address') {
          address = this.readAddress(definition, spec, node, statement);
          ({ operand } = address);
        } else if (node) operand = this.readOperand(definition, spec, node, statement);
      } catch (error) {
        this.mistakes.record(error);
      }
      operands.push(operand);
    }
    if (isComplete(operands)) return operands;
    this.imply(definition, statement, { given, operands, address });
    return operands.map((operand) => operand ?? ABSENT);
  }

  /** Fills in the operands that are not written, and reports those that nothing implies. */
  private imply(
    definition: InstructionDefinition,
    statement: Statement,
    { given, operands, address }: Matched,
  ): void {
    const specs = definition.operands;
    const elementBytes = definition.elements ? FORMATS[definition.elements].bytes : 0;
    const known: Known = { specs, operands, address, elementBytes, tile: this.tile };
    const missing: Spec[] = [];
    specs.forEach((spec, i) => {
      if (given[i]) return;
      operands[i] = impliedOperand(spec, known);
      // What a wrong address would imply is not missing.
      const excused = spec.keyword && !address && hasAddress(definition, given);
      if (!operands[i] && !excused) missing.push(spec);
    });
    if (missing.length > 0) this.reportMissing(definition, missing, statement, known);
  }

  /** For each operand of the definition the expression that is written for it. */
  private match(
    definition: InstructionDefinition,
    { source }: Statement,
    list: readonly Argument[],
  ): (Expression | undefined)[] {
    const specs = definition.operands;
    const given = new Array<Expression | undefined>(specs.length).fill(undefined);
    let position = 0;
    for (const argument of list) {
      const keyed = argument.assigned !== undefined;
      const at = keyed ? this.keyIndex(definition, argument, source) : position++;
      if (at === undefined) continue;
      const spec = specs[at];
      if (!spec || spec.keyword !== keyed) {
        const message = `${definition.mnemonic} takes ${describePositional(specs)}`;
        const hint = signature(definition);
        const problem = { source, range: rangeOf(argument), message, hint };
        this.mistakes.add({ ...problem, code: 'extra-operand' });
        break;
      }
      if (given[at]) {
        const message = `${spec.name}= is given twice`;
        this.mistakes.add({ code: 'duplicate-key', source, range: argument.value, message });
      }
      given[at] = argument.assigned ?? argument.value;
    }
    return given;
  }

  /** The place of the operand that a key names; undefined, which is reported, when there is none. */
  private keyIndex(
    definition: InstructionDefinition,
    { value }: Argument,
    source: Statement['source'],
  ): number | undefined {
    const { mnemonic, operands } = definition;
    if (value.kind === 'name') {
      const at = keyNamed(definition, value.name);
      if (at >= 0) return at;
      const other = keyNamed(definition, value.name.toLowerCase());
      if (other >= 0) return other;
    }
    const keys = operands.filter((spec) => spec.keyword).map((spec) => spec.name);
    const written = source.text.slice(value.start, value.end);
    const hint =
      didYouMean(written, keys) ??
      (keys.length === 0 ? 'it takes no keys' : `its keys are ${keys.join(', ')}`);
    const message = `${mnemonic} has no key ${written}`;
    this.mistakes.add({ code: 'unknown-key', source, range: value, message, hint });
    return undefined;
  }

  private readOperand(
    definition: InstructionDefinition,
    spec: Spec,
    node: Expression,
    { source }: Statement,
  ): Operand {
    const register = node.kind === 'name' ? findRegister(node.name) : undefined;
    if (register) {
      const fits = spec.kind === register.kind;
      const asInteger = spec.kind === 'integer' && register.kind === 'scalar';
      return fits || asInteger ? register : this.wrongKind(definition, spec, node, source);
    }
    if (node.kind === 'name' && looksLikeRegister(node.name)) {
      const message = `there is no register ${node.name}`;
      fail('unknown-register', source, node, message, registerHint(node.name));
    }
    if (node.kind === 'list' || node.kind === 'text') {
      this.wrongKind(definition, spec, node, source);
    }
    switch (spec.kind) {
      case 'integer':
        return this.integerConstant(spec, node, source);
      case 'number':
        return { kind: 'constant', value: this.evaluator.float(node, source) };
      case 'label':
        return this.readLabel(definition, spec, node, source);
      case 'tile':
      case 'scalar':
      case 'address':
        return this.wrongKind(definition, spec, node, source);
    }
    return spec.kind satisfies never;
  }

  private integerConstant(spec: Spec, node: Expression, source: Statement['source']): Operand {
    const value = this.evaluator.integer(node, source);
    if (spec.keyword && TILE_KEYS.has(spec.name) && value > this.tile) {
      const message = `${spec.name}=${value} is more than a ${this.tile}×${this.tile} tile holds`;
      fail('tile-too-large', source, node, message, '.tile declares the size of tiles');
    }
    return { kind: 'constant', value };
  }

  private readLabel(
    definition: InstructionDefinition,
    spec: Spec,
    node: Expression,
    source: Statement['source'],
  ): Operand {
    if (node.kind !== 'name') return this.wrongKind(definition, spec, node, source);
    const found = this.names.find(node.name);
    if (!found) return this.evaluator.unknownName(node, source, 'label');
    if (found.kind !== 'label') return this.wrongKind(definition, spec, node, source);
    return { kind: 'label', target: found.target };
  }

  private readAddress(
    definition: InstructionDefinition,
    spec: Spec,
    node: Expression,
    { source }: Statement,
  ): Address {
    if (node.kind !== 'list') return this.wrongKind(definition, spec, node, source);
    const address = readAddress(node, this.names, this.evaluator, source);
    this.requireElements(definition, address, node, source);
    return address;
  }

  /** An instruction reads the bytes of its own format, whatever the symbol holds. */
  private requireElements(
    { mnemonic, elements }: InstructionDefinition,
    { symbol }: Address,
    node: Expression,
    source: Statement['source'],
  ): void {
    if (!symbol || symbol.dtype === elements) return;
    const [family] = mnemonic.split('.');
    const right = INSTRUCTIONS.find(
      (other) => other.mnemonic.split('.')[0] === family && other.elements === symbol.dtype,
    );
    const message = `${mnemonic} is for ${elements}, and ${symbol.name} is ${symbol.dtype}`;
    const hint = right && `write ${right.mnemonic}`;
    fail('wrong-operand-kind', source, node, message, hint);
  }

  private wrongKind(
    { mnemonic }: InstructionDefinition,
    spec: Spec,
    node: Expression,
    source: Statement['source'],
  ): never {
    const found = source.text.slice(node.start, Math.min(node.end, node.start + 40));
    const message = `${mnemonic}'s operand ${spec.name} must be ${NEEDS[spec.kind]}, found ${found}`;
    const hint = spec.kind === 'address' && node.kind === 'name' ? `write [${found}]` : undefined;
    return fail('wrong-operand-kind', source, node, message, hint);
  }

  private reportMissing(
    definition: InstructionDefinition,
    missing: readonly Spec[],
    statement: Statement,
    known: Known,
  ): void {
    const { source, start, end } = statement;
    const problem = { source, range: { start, end }, hint: signature(definition) };
    for (const { keyword, name, doc } of missing) {
      if (keyword) continue;
      const message = `${definition.mnemonic} needs its operand ${name}: ${doc}`;
      this.mistakes.add({ ...problem, code: 'missing-operand', message });
    }
    const keys = missing.filter((spec) => spec.keyword);
    const [first] = keys;
    if (!first) return;
    const shown = keys.map((spec) => `${spec.name}=`).join(' and ');
    const message = `${definition.mnemonic} needs ${shown}: ${whyNotImplied(first, known)}`;
    this.mistakes.add({ ...problem, code: 'missing-key', message });
  }
}

function keyNamed({ operands }: InstructionDefinition, name: string): number {
  for (let i = 0; i < operands.length; i++) {
    if (operands[i]!.keyword && operands[i]!.name === name) return i;
  }
  return -1;
}

/** Whether an address is written, right or wrong. */
function hasAddress({ operands }: InstructionDefinition, given: readonly unknown[]): boolean {
  return operands.some(({ kind }, i) => kind === 'address' && given[i] !== undefined);
}

function describePositional(specs: readonly Spec[]): string {
  const names = specs.filter((spec) => !spec.keyword).map((spec) => spec.name);
  if (names.length === 0) return 'no operands';
  return `${countOf(names.length, 'operand')}: ${names.join(', ')}`;
}

/** `LOAD td, [addr], rows=, cols=, stride=` */
function signature({ mnemonic, operands }: InstructionDefinition): string {
  const shown = operands.map(({ name, kind, keyword }) =>
    keyword ? `${name}=` : kind === 'address' ? `[${name}]` : name,
  );
  return `write ${mnemonic} ${shown.join(', ')}`.trimEnd();
}
