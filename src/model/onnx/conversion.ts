/** The graph of an ONNX model whose inputs are bound: one attempt, with some of them as constants. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import { elementCount } from '../../tensor/host-tensor.ts';
import type { Graph } from '../graph.ts';
import { GraphError } from '../graph.ts';
import { GraphBuilder } from '../graph-builder.ts';
import type { BoundInput } from './inputs.ts';
import type { OnnxModel, OnnxNode } from './model-proto.ts';
import { cleanName, cleanNames, nodeName, partOf } from './names.ts';
import { NodeContext, UnknownValue } from './node.ts';
import type { Lowering } from './node.ts';
import { LOWERINGS } from './operators/index.ts';
import { constantOf } from './operators/shapes.ts';
import { producersOf } from './order.ts';
import { Tensors } from './tensors.ts';
import { tidy } from './tidy.ts';
import type { Value } from './value.ts';
import { constant, isConstant } from './value.ts';

/** The versions of ONNX's operators whose meaning is known here. */
const OLDEST_OPSET = 7;
const NEWEST_OPSET = 28;

export class Conversion {
  private readonly model: OnnxModel;
  private readonly inputs: readonly BoundInput[];
  private readonly builder: GraphBuilder;
  private readonly tensors: Tensors;
  private readonly names: ReadonlyMap<string, string>;
  private readonly values = new Map<string, Value>();

  constructor(model: OnnxModel, inputs: readonly BoundInput[], specialised: ReadonlySet<string>) {
    this.model = model;
    this.inputs = inputs;
    this.names = cleanNames([
      ...inputs.map(({ name }) => name),
      ...model.outputs.map(({ name }) => name),
      ...model.initializers.keys(),
      ...model.nodes.flatMap(({ outputs }) => outputs),
    ]);
    this.builder = new GraphBuilder(model.name);
    this.tensors = new Tensors(this.builder, new Set(this.names.values()));
    model.initializers.forEach((tensor, name) => this.values.set(name, constantOf(tensor, name)));
    for (const input of inputs) this.values.set(input.name, this.input(input, specialised));
  }

  run(nodes: readonly OnnxNode[]): Graph {
    for (const node of nodes) this.lower(node);
    const names = new Map<string, string>();
    const outputs = this.model.outputs.map(({ name }) => {
      const tensor = this.output(name, names);
      names.set(tensor, this.names.get(name)!);
      return tensor;
    });
    const inputs = new Set(this.inputs.map(({ name }) => this.names.get(name)));
    for (const [name, value] of this.values) {
      const tensor = this.tensors.declared(value);
      if (tensor === undefined || names.has(tensor) || inputs.has(tensor)) continue;
      names.set(tensor, this.names.get(name)!);
    }
    return tidy(this.builder.finish(outputs), names);
  }

  /** The inputs that an unknown value is computed from; values on the way that are known end it. */
  inputsBehind(value: string): readonly BoundInput[] {
    const producers = producersOf(this.model);
    const seen = new Set([value]);
    for (const name of seen) {
      const known = this.values.get(name);
      if (known && isConstant(known)) continue;
      producers.get(name)?.inputs.forEach((input) => seen.add(input));
    }
    return this.inputs.filter(({ name }) => {
      const found = this.values.get(name)!;
      return seen.has(name) && !isConstant(found);
    });
  }

  private input({ name, type, shape, given }: BoundInput, specialised: ReadonlySet<string>): Value {
    if (given && specialised.has(name)) return constant(name, type, shape, () => given.data);
    if (elementCount(shape) === 0) return constant(name, type, shape, () => new Float64Array(0));
    return this.tensors.input(this.names.get(name)!, type, shape);
  }

  /** The tensor of an output, which no input and no other output is. */
  private output(name: string, others: ReadonlyMap<string, string>): string {
    const value = this.values.get(name)!;
    this.tensors.within(name, '');
    const tensor = this.tensors.tensorOf(value);
    const isInput = this.inputs.some((input) => this.names.get(input.name) === tensor);
    if (!isInput && !others.has(tensor)) return tensor;
    return this.tensors.tensorOf(this.tensors.copy(value));
  }

  private lower(node: OnnxNode): void {
    const name = nodeName(node);
    const lowering = loweringOf(node, this.model);
    this.tensors.within(cleanName(name), partOf(cleanName(node.name)));
    const operands = node.inputs.map((input) => this.values.get(input));
    const context = new NodeContext(node, operands, this.tensors, opsetOf(this.model));
    const results = inNode(node, () => {
      const made = lowering(context);
      context.finish();
      return Array.isArray(made) ? (made as readonly (Value | undefined)[]) : [made as Value];
    });
    node.outputs.forEach((output, i) => {
      if (output === '') return;
      const value = results[i];
      if (!value) throw new GraphError(`node ${name} (${node.op}) has no output ${i}`);
      this.values.set(output, value);
    });
  }
}

function opsetOf({ opsets }: OnnxModel): number {
  const version = opsets.get('');
  if (version !== undefined && version >= OLDEST_OPSET && version <= NEWEST_OPSET) return version;
  const message = `the model is written for version ${version ?? 'none'} of ONNX's operators`;
  throw new GraphError(message, `versions ${OLDEST_OPSET} to ${NEWEST_OPSET} are read`);
}

function loweringOf(node: OnnxNode, model: OnnxModel): Lowering {
  const where = `node ${nodeName(node)}`;
  if (model.functions.has(`${node.domain}.${node.op}`)) {
    const hint = 'export the model with its functions written out';
    throw new GraphError(
      `${where}: ${node.op} is a function of the model, which is not read`,
      hint,
    );
  }
  const lowering = node.domain === '' ? LOWERINGS.get(node.op) : undefined;
  if (lowering) return lowering;
  const names = [...LOWERINGS.keys()];
  const from = node.domain === '' ? '' : ` of the domain ${node.domain}`;
  const hint = didYouMean(node.op, names) ?? `there are ${names.join(', ')}`;
  throw new GraphError(`${where}: the operator ${node.op}${from} is not supported`, hint);
}

/** The result of the action; its GraphError says which node it was. */
function inNode<T>(node: OnnxNode, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const message = `node ${nodeName(node)} (${node.op}): ${error.message}`;
    if (error instanceof UnknownValue) throw new UnknownValue(error.value, message);
    throw new GraphError(message, error.hint);
  }
}
