/** ONNX files become graphs: each node is written in our operators, and what is constant is folded. */
import type { HostTensor } from '../../tensor/host-tensor.ts';
import type { Graph } from '../graph.ts';
import { GraphError } from '../graph.ts';
import type { Folder } from '../sandbox.ts';
import { Conversion } from './conversion.ts';
import type { BoundInput } from './inputs.ts';
import { bindInputs } from './inputs.ts';
import { readModel } from './model-proto.ts';
import { UnknownValue } from './node.ts';
import { orderedNodes } from './order.ts';

export interface ImportOptions {
  /** Where files of external data may be: the folder of the model. */
  readonly folder?: Folder;
  /** Values of inputs: their shapes bind parameters, their values stand in where one must be known. */
  readonly inputs?: ReadonlyMap<string, HostTensor>;
  /** Sizes of parameters such as `batch`, by name. */
  readonly dims?: ReadonlyMap<string, number>;
}

export interface ImportedModel {
  readonly graph: Graph;
  /** Inputs that became constants, since a shape or the like depends on them; the graph lacks them. */
  readonly specialised: readonly string[];
}

/**
 * The graph of an ONNX file.
 *
 * Floats of any width become float32 and integers int32; names of inputs, outputs and tensors are the
 * model's. Inputs whose values shape the graph must be given.
 *
 * @throws FileError where the bytes are no ONNX model or parts of it are not read, GraphError where
 * the model makes no graph: the message names the node.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const model = readModel(bytes, options.folder);
  const nodes = orderedNodes(model);
  const inputs = bindInputs(model, options.inputs ?? new Map(), options.dims ?? new Map());
  const specialised = new Set<string>();
  for (;;) {
    const conversion = new Conversion(model, inputs, specialised);
    try {
      return { graph: conversion.run(nodes), specialised: [...specialised] };
    } catch (error) {
      if (!(error instanceof UnknownValue)) throw error;
      const shaping = conversion.inputsBehind(error.value);
      if (shaping.length === 0) throw error;
      for (const input of shaping) specialise(input, error, specialised);
    }
  }
}

/** From now on the input is a constant; throws GraphError when its values are not known. */
function specialise(input: BoundInput, error: UnknownValue, specialised: Set<string>): void {
  if (input.given) {
    specialised.add(input.name);
    return;
  }
  const message = `${error.message}, and depend on the input ${input.name}`;
  throw new GraphError(message, `give it with --input ${input.name}=FILE`);
}
