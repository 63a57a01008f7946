/** The node tests of ONNX's own backend suite: the cases of the operators that are converted, and how they fare. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../src/model/graph.ts';
import { importOnnx } from '../../src/model/onnx/import.ts';
import { readModel } from '../../src/model/onnx/model-proto.ts';
import { readTensorProto } from '../../src/model/onnx/tensor-proto.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';

/** What an evaluator gives for each output. */
export interface Result {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Computes the outputs of a graph, by name, from its inputs: the reference, or the machine. */
export type Evaluate = (
  graph: Graph,
  inputs: ReadonlyMap<string, HostTensor>,
) => ReadonlyMap<string, Result>;

export interface NodeTest {
  readonly name: string;
  readonly operator: string;
  /** What went wrong; undefined when the outputs are right. */
  readonly failure: string | undefined;
}

/** The tolerances with which ONNX's own backend tests compare. */
const RELATIVE = 1e-3;
const ABSOLUTE = 1e-6;

const FOLDER = new URL('../../../shared/golden/onnx-node-tests/', import.meta.url).pathname;

/** Whether the suite is at hand; it is no part of the product. */
export const HAS_NODE_TESTS = existsSync(FOLDER);

const OPERATORS = new Set(
  (
    'Attention LayerNormalization RMSNormalization RotaryEmbedding Softmax LogSoftmax MatMul Gemm Gelu ' +
    'Relu Sigmoid Tanh Swish HardSwish Add Sub Mul Div Pow Sqrt Exp Neg Reciprocal Erf Gather Transpose ' +
    'Concat Split Slice Reshape Squeeze Unsqueeze Expand Where ReduceMean ReduceSum ReduceMax ArgMax LSTM ' +
    'GRU RNN'
  ).split(' '),
);

interface Case {
  readonly case: string;
  readonly group: string;
  readonly inputs: readonly string[] | null;
  readonly outputs: readonly string[] | null;
}

/** The cases of those operators whose tensors are float32, integers or bool. */
function chosenCases(isChosen: (group: string) => boolean): readonly Case[] {
  const index = JSON.parse(readFileSync(join(FOLDER, 'INDEX.json'), 'utf8')) as Case[];
  const isRead = (type: string) => /^(float32|u?int(8|16|32|64)|bool)\[/.test(type);
  return index.filter(
    ({ group, inputs, outputs }) =>
      isChosen(group) && [...(inputs ?? ['none']), ...(outputs ?? ['none'])].every(isRead),
  );
}

/** Runs every chosen case; failures are reported, not thrown. */
export function runNodeTests(
  evaluate: Evaluate,
  isChosen = (group: string) => OPERATORS.has(group),
): readonly NodeTest[] {
  return chosenCases(isChosen).map(({ case: name, group: operator }) => {
    try {
      return { name, operator, failure: runCase(name, evaluate) };
    } catch (error) {
      return { name, operator, failure: String(error) };
    }
  });
}

function runCase(name: string, evaluate: Evaluate): string | undefined {
  const bytes = readFileSync(join(FOLDER, name, 'model.onnx'));
  const tensor = (file: string) =>
    readTensorProto(readFileSync(join(FOLDER, name, 'test_data_set_0', file)));
  const model = readModel(bytes, undefined);
  const inputs = new Map(model.inputs.map((info, i) => [info.name, tensor(`input_${i}.pb`)]));
  const { graph } = importOnnx(bytes, { inputs });
  const outputs = evaluate(graph, inputs);
  for (const [i, info] of model.outputs.entries()) {
    const found = outputs.get(info.name);
    if (!found) return `there is no output ${info.name}`;
    const wrong = difference(found, tensor(`output_${i}.pb`));
    if (wrong !== undefined) return `${info.name}: ${wrong}`;
  }
  return undefined;
}

/** Where two tensors first differ by more than the tolerances, in words. */
export function difference(
  found: Result,
  wanted: Result,
  relative = RELATIVE,
  absolute = ABSOLUTE,
): string | undefined {
  const [have, want] = [found.shape.join('×'), wanted.shape.join('×')];
  if (have !== want) return `the shape is ${have}, not ${want}`;
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, b] = [found.data[i], wanted.data[i]];
    const close = a === b || Math.abs(a - b) <= absolute + relative * Math.abs(b);
    if (!close && !(Number.isNaN(a) && Number.isNaN(b))) return `element ${i} is ${a}, not ${b}`;
  }
  return undefined;
}

/** A table per operator: cases, and how many are right. */
export function nodeTestTable(tests: readonly NodeTest[]): string {
  const operators = [...new Set(tests.map(({ operator }) => operator))].sort();
  const lines = operators.map((operator) => {
    const own = tests.filter((test) => test.operator === operator);
    const right = own.filter(({ failure }) => failure === undefined).length;
    return `${operator.padEnd(20)} ${right} of ${own.length}`;
  });
  const failures = tests.filter(({ failure }) => failure !== undefined);
  return [...lines, ...failures.map(({ name, failure }) => `${name}: ${failure}`)].join('\n');
}
