/** Values of expressions, computed when they are asked for, so that names may be defined later. */
import { matrixShape, symbolBytes } from '../program/program.ts';
import { plainArguments } from './arguments.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { CallNode, Expression, NameNode } from './ast.ts';
import type { NoValue, SymbolFunction } from './functions.ts';
import {
  CONSTANTS,
  FUNCTIONS,
  RESERVED,
  SYMBOL_FUNCTIONS,
  applyFunction,
  applyOperator,
} from './functions.ts';
import { Mistake, countOf, fail } from './mistakes.ts';
import type { Mistakes } from './mistakes.ts';
import type { ConstantDefinition, Names, SymbolDefinition } from './names.ts';
import { findRegister, looksLikeRegister, registerHint } from './names.ts';
import type { SourceText } from './source.ts';

/** Definitions that use definitions, and brackets, may nest this deep together. */
const MAX_DEPTH = 500;

const MAX_DIMENSIONS = 4;

/** Follows from a mistake that was told already. */
function followUp(): never {
  throw new Mistake(undefined);
}

/** Evaluates expressions over a namespace. Every method throws Mistake. */
export class Evaluator {
  private readonly names: Names;
  private readonly mistakes: Mistakes;
  private depth = 0;

  constructor(names: Names, mistakes: Mistakes) {
    this.names = names;
    this.mistakes = mistakes;
  }

  /** The value of an expression. */
  number(node: Expression, source: SourceText): number {
    if (node.kind === 'number') return node.value;
    if (this.depth >= MAX_DEPTH) {
      fail('too-deep', source, node, `brackets and definitions nest more than ${MAX_DEPTH} deep`);
    }
    this.depth++;
    try {
      return this.compute(node, source);
    } finally {
      this.depth--;
    }
  }

  /** The value of an expression that must be a whole number. */
  integer(node: Expression, source: SourceText): number {
    const value = this.number(node, source);
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
    if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      if (Math.abs(value) === Number.MAX_SAFE_INTEGER + 1) return value;
      fail('overflow', source, node, `${value} is beyond ±2^53, where integers are exact`);
    }
    const divides = Number.isFinite(value) && node.kind !== 'number';
    const hint = divides ? '// divides and rounds down' : undefined;
    fail('not-an-integer', source, node, `a whole number is needed, found ${value}`, hint);
  }

  /** The value of an expression, rounded to float32. */
  float(node: Expression, source: SourceText): number {
    const value = this.number(node, source);
    const rounded = Math.fround(value);
    if (Number.isFinite(rounded) || !Number.isFinite(value)) return rounded;
    fail('overflow', source, node, `${value} is too large for a float32`);
  }

  /** The dimensions of a symbol. */
  shape(symbol: SymbolDefinition): readonly number[] {
    if (symbol.progress === 'failed') followUp();
    if (symbol.progress === 'running') {
      const message = `the shape of ${symbol.name} depends on itself`;
      fail('circular-definition', symbol.source, symbol.range, message);
    }
    if (symbol.progress === 'done') return symbol.shape;
    symbol.progress = 'running';
    const shape = this.mistakes.attempt(() => this.computeShape(symbol));
    symbol.progress = shape ? 'done' : 'failed';
    symbol.shape = shape ?? followUp();
    return symbol.shape;
  }

  /** The value of a `.equ` or `.param`. */
  constant(definition: ConstantDefinition): number {
    const { name, source, range, expression } = definition;
    if (definition.progress === 'failed') followUp();
    if (definition.progress === 'running') {
      fail('circular-definition', source, range, `the value of ${name} depends on itself`);
    }
    if (definition.progress === 'done') return definition.value;
    definition.progress = 'running';
    const value = this.mistakes.attempt(() => this.number(expression, source));
    definition.progress = value === undefined ? 'failed' : 'done';
    definition.value = value ?? followUp();
    return definition.value;
  }

  /** The symbol that a name stands for, which is thereby used unless `uses` is false. */
  symbol(node: Expression, source: SourceText, uses = true): SymbolDefinition {
    if (node.kind !== 'name') {
      fail('wrong-operand-kind', source, node, 'the name of a data symbol is needed');
    }
    const found = this.names.find(node.name);
    if (!found) return this.unknownName(node, source, 'symbol');
    if (found.kind !== 'symbol') {
      fail('wrong-operand-kind', source, node, `${node.name} is not a data symbol`);
    }
    found.used ||= uses;
    return found;
  }

  /** Throws the mistake that a name is not defined. */
  unknownName(node: NameNode, source: SourceText, kind?: 'symbol' | 'label'): never {
    const what = kind === undefined ? '' : kind === 'symbol' ? ' as a data symbol' : ' as a label';
    const message = `${node.name} is not defined${what}`;
    fail('unknown-name', source, node, message, this.names.suggestion(node.name, kind));
  }

  private compute(node: Expression, source: SourceText): number {
    switch (node.kind) {
      case 'number':
        return node.value;
      case 'name':
        return this.nameValue(node, source);
      case 'negation':
        return -this.number(node.operand, source);
      case 'binary':
        return this.binaryValue(node, source);
      case 'call':
        return this.callValue(node, source);
      case 'text':
      case 'list':
      case 'bounds': {
        const found = source.text.slice(node.start, Math.min(node.end, node.start + 40));
        return fail('wrong-operand-kind', source, node, `a number is needed, found ${found}`);
      }
    }
    return node satisfies never;
  }

  private nameValue(node: NameNode, source: SourceText): number {
    const found = this.names.find(node.name);
    if (!found) {
      if (Object.hasOwn(CONSTANTS, node.name)) return CONSTANTS[node.name]!;
      return this.notAConstant(node, source);
    }
    if (found.kind === 'constant') return this.constant(found);
    if (found.kind === 'label') {
      const message = `${node.name} is a label, which has no value here`;
      fail('wrong-operand-kind', source, node, message);
    }
    found.used = true;
    if (found.address !== undefined) return found.address;
    if (found.progress === 'failed') followUp();
    const message = `the address of ${node.name} is not known before every shape is`;
    fail(
      'circular-definition',
      source,
      node,
      message,
      'shapes, counts and conditions cannot use addresses',
    );
  }

  private notAConstant(node: NameNode, source: SourceText): never {
    if (findRegister(node.name)) {
      const message = `${node.name} is a register, and a constant is needed`;
      fail('wrong-operand-kind', source, node, message);
    }
    if (looksLikeRegister(node.name)) {
      const message = `there is no register ${node.name}`;
      fail('unknown-register', source, node, message, registerHint(node.name));
    }
    if (RESERVED.has(node.name)) {
      const message = `${node.name} is a function, and a number is needed`;
      fail('wrong-operand-kind', source, node, message, `write ${node.name}(…)`);
    }
    this.unknownName(node, source);
  }

  /** A chain `a + b + c …` is folded in a loop, so that its length does not matter. */
  private binaryValue(node: Expression, source: SourceText): number {
    const chain = [];
    let first = node;
    while (first.kind === 'binary') {
      chain.push(first);
      first = first.left;
    }
    let value = this.number(first, source);
    for (const link of chain.reverse()) {
      const right = this.number(link.right, source);
      value = this.checked(applyOperator(link.operator, value, right), link, source);
    }
    return value;
  }

  private callValue(node: CallNode, source: SourceText): number {
    const name = node.name;
    if ((SYMBOL_FUNCTIONS as readonly string[]).includes(name)) {
      return this.symbolFunction(name as SymbolFunction, node, source);
    }
    if (!Object.hasOwn(FUNCTIONS, name)) {
      const hint = didYouMean(name, [...Object.keys(FUNCTIONS), ...SYMBOL_FUNCTIONS]);
      fail('unknown-function', source, node, `there is no function ${name} of numbers`, hint);
    }
    const { least, most } = FUNCTIONS[name]!;
    const values = plainArguments(node, source, least, most);
    const numbers = values.map((value) => this.number(value, source));
    return this.checked(applyFunction(name, numbers), node, source);
  }

  private symbolFunction(name: SymbolFunction, node: CallNode, source: SourceText): number {
    const [argument] = plainArguments(node, source, 1, 1);
    const symbol = this.symbol(argument!, source);
    const shape = this.shape(symbol);
    if (name === 'bytes') return symbolBytes({ shape, dtype: symbol.dtype });
    return matrixShape(shape)[name];
  }

  private checked(value: number | NoValue, node: Expression, source: SourceText): number {
    if (typeof value === 'number') return value;
    fail(value.code, source, node, value.message, value.hint);
  }

  private computeShape({ name, source, range, dimensions }: SymbolDefinition): number[] {
    if (dimensions.length < 1 || dimensions.length > MAX_DIMENSIONS) {
      const message = `${name} has ${countOf(dimensions.length, 'dimension')}; 1 to ${MAX_DIMENSIONS} are possible`;
      fail('bad-shape', source, range, message);
    }
    return dimensions.map((node) => {
      const size = this.integer(node, source);
      if (size >= 1) return size;
      fail('bad-shape', source, node, `a dimension of ${size}; each must be at least 1`);
    });
  }
}
