/** ModelProto as plain data: nodes, constants, inputs and outputs of an ONNX file. Source: onnx.proto3. */
import type { Folder } from '../sandbox.ts';
import { describe, FileError } from '../tensor-file.ts';
import type { DataType } from './data-types.ts';
import { typeOfCode } from './data-types.ts';
import type { OnnxTensor } from './tensor-proto.ts';
import { ExternalData, parseTensor } from './tensor-proto.ts';
import { Message } from './wire.ts';

/** Field numbers, message by message. */
const MODEL = { graph: 7, opsets: 8, functions: 25 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const FUNCTION = { name: 1, domain: 10 } as const;
const GRAPH = { nodes: 1, name: 2, initializers: 5, inputs: 11, outputs: 12, sparse: 15 } as const;
const NODE = { inputs: 1, outputs: 2, name: 3, op: 4, attributes: 5, domain: 7 } as const;
const ATTRIBUTE = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  floats: 7,
  ints: 8,
  strings: 9,
  type: 20,
} as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { element: 1, shape: 2 } as const;
const SHAPE = { dims: 1 } as const;
const DIM = { value: 1, parameter: 2 } as const;

/** As much as a protobuf file may have. */
const MAX_MODEL_BYTES = 2 ** 31;

export type AttributeValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'integers'; readonly value: readonly number[] }
  | { readonly kind: 'texts'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  /** A subgraph, or what else no operator of ours has. */
  | { readonly kind: 'other' };

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** '' where an optional input is absent, or an output is not wanted. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** An input or output: a dimension is a number, a parameter's name, or unknown. */
export interface ValueInfo {
  readonly name: string;
  /** Undefined for sequences, maps and the like. */
  readonly type: DataType | undefined;
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

export interface OnnxModel {
  readonly name: string;
  /** Version by domain; the domain of ONNX itself is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** `domain.name` of the functions that the model defines. */
  readonly functions: ReadonlySet<string>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** @throws FileError where the bytes are no model, or one with parts that are not read. */
export function readModel(bytes: Uint8Array, folder: Folder | undefined): OnnxModel {
  if (bytes.length > MAX_MODEL_BYTES) throw new FileError('too-large', 'above 2 GiB');
  const model = new Message(bytes, 'the model');
  const graph = model.message(MODEL.graph, 'the graph');
  if (!graph) throw new FileError('malformed', 'there is no graph in the file', 'is it ONNX?');
  if (graph.has(GRAPH.sparse)) throw new FileError('unsupported', 'the model has sparse tensors');
  const external = new ExternalData(folder);
  const initializers = graph
    .messages(GRAPH.initializers, 'an initializer')
    .map((message) => parseTensor(message, external));
  return {
    name: graph.text(GRAPH.name),
    opsets: readOpsets(model),
    functions: new Set(
      model
        .messages(MODEL.functions, 'a function')
        .map((f) => `${f.text(FUNCTION.domain)}.${f.text(FUNCTION.name)}`),
    ),
    nodes: graph.messages(GRAPH.nodes, 'a node').map((node) => readNode(node, external)),
    initializers: new Map(initializers.map((tensor) => [tensor.name, tensor])),
    inputs: graph.messages(GRAPH.inputs, 'an input').map(readValueInfo),
    outputs: graph.messages(GRAPH.outputs, 'an output').map(readValueInfo),
  };
}

function readOpsets(model: Message): Map<string, number> {
  return new Map(
    model.messages(MODEL.opsets, 'an opset').map((opset) => {
      const domain = opset.text(OPSET.domain);
      return [domain === 'ai.onnx' ? '' : domain, opset.integer(OPSET.version) ?? 0];
    }),
  );
}

function readNode(node: Message, external: ExternalData): OnnxNode {
  const domain = node.text(NODE.domain);
  return {
    name: node.text(NODE.name),
    op: node.text(NODE.op),
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs: node.texts(NODE.inputs),
    outputs: node.texts(NODE.outputs),
    attributes: new Map(
      node
        .messages(NODE.attributes, `an attribute of ${describe(node.text(NODE.op))}`)
        .map((message) => [message.text(ATTRIBUTE.name), readAttribute(message, external)]),
    ),
  };
}

/** AttributeProto.AttributeType; files from before it existed have only the field. */
function kindOf(attribute: Message): AttributeValue['kind'] {
  switch (attribute.integer(ATTRIBUTE.type) ?? 0) {
    case 0:
      return kindOfField(attribute);
    case 1:
      return 'float';
    case 2:
      return 'integer';
    case 3:
      return 'text';
    case 4:
      return 'tensor';
    case 6:
      return 'floats';
    case 7:
      return 'integers';
    case 8:
      return 'texts';
    default:
      return 'other';
  }
}

function kindOfField(attribute: Message): AttributeValue['kind'] {
  const kinds = [
    [ATTRIBUTE.f, 'float'],
    [ATTRIBUTE.i, 'integer'],
    [ATTRIBUTE.s, 'text'],
    [ATTRIBUTE.t, 'tensor'],
    [ATTRIBUTE.floats, 'floats'],
    [ATTRIBUTE.ints, 'integers'],
    [ATTRIBUTE.strings, 'texts'],
  ] as const;
  return kinds.find(([field]) => attribute.has(field))?.[1] ?? 'other';
}

function readAttribute(message: Message, external: ExternalData): AttributeValue {
  const kind = kindOf(message);
  switch (kind) {
    case 'float':
      return { kind, value: message.float(ATTRIBUTE.f) ?? 0 };
    case 'integer':
      return { kind, value: message.integer(ATTRIBUTE.i) ?? 0 };
    case 'text':
      return { kind, value: message.text(ATTRIBUTE.s) };
    case 'floats':
      return { kind, value: [...message.floats(ATTRIBUTE.floats)] };
    case 'integers':
      return { kind, value: message.integers(ATTRIBUTE.ints) };
    case 'texts':
      return { kind, value: message.texts(ATTRIBUTE.strings) };
    case 'tensor': {
      const tensor = message.message(ATTRIBUTE.t, message.what);
      if (!tensor) throw new FileError('malformed', `${message.what} has no tensor`);
      return { kind, value: parseTensor(tensor, external) };
    }
    case 'other':
      return { kind };
  }
  return kind satisfies never;
}

function readValueInfo(info: Message): ValueInfo {
  const name = info.text(VALUE_INFO.name);
  const what = `the type of ${describe(name)}`;
  const tensor = info.message(VALUE_INFO.type, what)?.message(TYPE.tensor, what);
  const shape = tensor?.message(TENSOR_TYPE.shape, what);
  return {
    name,
    type: tensor && typeOfCode(tensor.integer(TENSOR_TYPE.element) ?? 0, describe(name)),
    shape: shape?.messages(SHAPE.dims, what).map((dim) => {
      const value = dim.integer(DIM.value);
      if (value !== undefined) return value < 0 ? undefined : value;
      return dim.text(DIM.parameter) || undefined;
    }),
  };
}
