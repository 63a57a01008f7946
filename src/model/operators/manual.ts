/** The manual of the operators: a Markdown table of each group, derived from their definitions. */
import type { AttributeSpec, Operator, OperatorSource } from './operator.ts';
import { OPERATORS } from './index.ts';

const TITLES: Readonly<Record<OperatorSource['group'], string>> = {
  products: 'Products',
  elementwise: 'Element by element',
  rows: 'Rows',
  movement: 'Movement',
  attention: 'Attention',
  recurrent: 'Recurrent layers',
};

/** Markdown: a heading and a table for each group, in the order of the table of operators. */
export function operatorManual(): string {
  const groups = [...new Set(OPERATORS.map(({ group }) => group))];
  return groups.map(groupSection).join('\n\n');
}

function groupSection(group: OperatorSource['group']): string {
  const operators = OPERATORS.filter((operator) => operator.group === group);
  return [
    `### ${TITLES[group]}`,
    '',
    '| operator | operands | attributes | computes |',
    '| --- | --- | --- | --- |',
    ...operators.map(row),
  ].join('\n');
}

function row(operator: Operator): string {
  const { name, doc, inputs, attributes, outputs } = operator;
  const operands = inputs.map((input) => {
    const mark = `${input.repeated ? '…' : ''}${input.optional ? '?' : ''}`;
    return `\`${input.name}\`${mark}: ${input.doc}`;
  });
  const options = Object.entries(attributes).map(attributeText);
  const several = outputs.length > 1 ? `; gives ${outputs.join(', ')}` : '';
  return `| ${[`\`${name}\``, operands.join('<br>'), options.join('<br>'), doc + several].map(cell).join(' | ')} |`;
}

function attributeText([name, spec]: readonly [string, AttributeSpec]): string {
  const usual = spec.default === undefined ? '' : ` = ${JSON.stringify(spec.default)}`;
  return `\`${name}${usual}\`: ${spec.doc}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
