/** Programs and instructions as canonical .lasm text, all of it derived from the definitions. */
import type { Instruction } from '../../isa/instruction.ts';
import type { Operand, OperandSpec } from '../../isa/operand.ts';
import { labelTarget } from '../program/flow.ts';
import type { DataSymbol, DataType, Label, Program } from '../program/program.ts';
import { symbolAt } from '../program/symbol-at.ts';
import { printData, printDoc, printExpectation } from './print-data.ts';
import { printFloat32, printNumber } from './print-number.ts';

/** Names for addresses; a `Program` is one. */
export interface Names {
  /** In ascending order of address. */
  readonly symbols: readonly DataSymbol[];
  readonly labels: readonly Pick<Label, 'name' | 'target'>[];
}

/**
 * One line of text, such as `LOAD t0, [X + r5 + 64], rows=8, cols=16, stride=64`.
 *
 * Flags stand in the order of the definition, keywords at their default are left out, an address
 * inside a symbol is named after it, and a code address without a label is `L` and its number.
 */
export function printInstruction(instruction: Instruction, names: Names): string {
  const { definition, flags } = instruction;
  const suffixes = definition.flags.filter((_, i) => (flags & (1 << i)) !== 0);
  const mnemonic = [definition.mnemonic, ...suffixes.map((flag) => flag.name)].join('.');
  const operands = definition.operands.flatMap((spec, i) =>
    printOperand(spec, instruction.operands[i], names, definition.elements),
  );
  return operands.length === 0 ? mnemonic : `${mnemonic} ${operands.join(', ')}`;
}

/** No text at all where a keyword says nothing new. */
function printOperand(
  spec: Instruction['definition']['operands'][number],
  operand: Operand,
  names: Names,
  elements: DataType | undefined,
): string[] {
  if (operand.kind === 'absent' || isDefault(spec, operand)) return [];
  const value = printValue(spec, operand, names, elements);
  return [spec.keyword ? `${spec.name}=${value}` : value];
}

function isDefault(spec: OperandSpec, operand: Operand): boolean {
  if (spec.default === undefined || operand.kind !== 'constant') return false;
  const round = spec.kind === 'number' ? Math.fround : Number;
  return Object.is(round(spec.default), round(operand.value));
}

function printValue(
  spec: OperandSpec,
  operand: Exclude<Operand, { kind: 'absent' }>,
  names: Names,
  elements: DataType | undefined,
): string {
  switch (operand.kind) {
    case 'tile':
      return `t${operand.register}`;
    case 'scalar':
      return `r${operand.register}`;
    case 'constant':
      return spec.kind === 'number' ? printFloat32(operand.value) : printNumber(operand.value + 0);
    case 'address':
      return `[${printAddress(operand, elements, names.symbols)}]`;
    case 'label':
      return labelName(names.labels, operand.target);
  }
  return operand satisfies never;
}

/** `X + r5 + 64`, or `r5 - 64` where the offset lies in no symbol whose elements are meant. */
function printAddress(
  { offset, base, index }: Extract<Operand, { kind: 'address' }>,
  elements: DataType | undefined,
  symbols: readonly DataSymbol[],
): string {
  const found = symbolAt(symbols, offset);
  const symbol = found?.dtype === elements ? found : undefined;
  const rest = symbol ? offset - symbol.address : offset;
  const registers = [base, index].filter((register) => register !== 0);
  const terms = [...(symbol ? [symbol.name] : []), ...registers.map((register) => `r${register}`)];
  if (terms.length === 0) return printNumber(rest);
  if (rest === 0) return terms.join(' + ');
  return `${terms.join(' + ')} ${rest < 0 ? '-' : '+'} ${printNumber(Math.abs(rest))}`;
}

/** First label of each code address; built once for an array of labels. */
const labelNames = new WeakMap<Names['labels'], ReadonlyMap<number, string>>();

function labelName(labels: Names['labels'], target: number): string {
  let byTarget = labelNames.get(labels);
  if (!byTarget) {
    byTarget = new Map(labels.toReversed().map((label) => [label.target, label.name]));
    labelNames.set(labels, byTarget);
  }
  return byTarget.get(target) ?? `L${target}`;
}

/**
 * A complete program text that assembles to the same code, data, labels, docs, parts, names, shows
 * and expectations; printing what it assembles to gives the same text again.
 *
 * What the text of a program decides before it is a program is not in it: parameters have been
 * folded into the code, and a `.param` that no longer changes anything would be a false promise.
 */
export function printProgram(program: Program): string {
  const names: Names = { symbols: program.symbols, labels: completeLabels(program) };
  const lines = [
    `.tile ${program.tile}`,
    ...printData(program.symbols),
    ...program.shows.map(({ symbol, title }) => printShow(symbol, title)),
    ...program.expectations.map(printExpectation),
    '.text',
    ...printCode(program, names),
  ];
  return `${lines.join('\n')}\n`;
}

function printShow(symbol: string, title: string): string {
  return title === symbol ? `.show ${symbol}` : `.show ${symbol}, ${JSON.stringify(title)}`;
}

/** The program's labels, and a name that is still free for each other target of a jump. */
function completeLabels({ code, labels, symbols }: Program): Names['labels'] {
  const taken = new Set([...labels, ...symbols].map(({ name }) => name));
  const named = new Set(labels.map(({ target }) => target));
  const added: Names['labels'][number][] = [];
  for (const target of code.map(labelTarget)) {
    if (target === undefined || named.has(target)) continue;
    let name = `L${target}`;
    while (taken.has(name)) name += '_';
    added.push({ name, target });
    named.add(target);
  }
  return [...labels, ...added];
}

function printCode({ code, labels, parts }: Program, names: Names): string[] {
  const docs = new Map(labels.map(({ name, doc }) => [name, doc]));
  const labelsAt: string[][] = Array.from({ length: code.length + 1 }, () => []);
  for (const { name, target } of names.labels) labelsAt[target].push(name);
  const lines: string[] = [];
  const printLabels = (target: number) => {
    for (const name of labelsAt[target]) {
      lines.push(...printDoc(docs.get(name) ?? ''), `${name}:`);
    }
  };
  code.forEach((instruction, pc) => {
    if (parts[pc] !== (parts[pc - 1] ?? '')) lines.push(`.part ${JSON.stringify(parts[pc])}`);
    printLabels(pc);
    lines.push(`      ${printInstruction(instruction, names)}`);
  });
  printLabels(code.length);
  return lines;
}
