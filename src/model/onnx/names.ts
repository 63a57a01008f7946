/** Names of an ONNX model in a graph: made printable, and the parts of the model that they tell of. */
import type { OnnxNode } from './model-proto.ts';

/** The name without blanks and control characters. */
export function cleanName(name: string): string {
  return name.replace(/[\s\p{C}]/gu, '_');
}

/** Each name as the graph has it: clean, and still unlike all others. */
export function cleanNames(names: Iterable<string>): Map<string, string> {
  const clean = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    if (clean.has(name)) continue;
    const base = cleanName(name);
    let free = base;
    for (let i = 2; taken.has(free); i++) free = `${base}_${i}`;
    taken.add(free);
    clean.set(name, free);
  }
  return clean;
}

/** What a node is called: by its name, or after what it computes. */
export function nodeName({ name, op, outputs }: OnnxNode): string {
  return name || outputs.find((output) => output !== '') || op;
}

/** `layers.3`, `layer.3`, `h.3`, `blocks.3`: how PyTorch modules number their layers. */
const LAYER = /^(?:layers?|blocks?|h)[._](\d+)$/;

/** Modules that say nothing of where in the model they are. */
const WRAPPERS = new Set(['model', 'module', 'transformer', 'backbone']);

/**
 * The part of the model that a node belongs to, out of a name such as PyTorch exports:
 * `/model/layers.0/attn/MatMul` is of `layer 0/attn`, `/encoder/layer.1/MatMul` of `encoder layer 1`,
 * and `MatMul_7` of none.
 */
export function partOf(name: string): string {
  const modules = name
    .split('/')
    .filter((each) => each !== '')
    .slice(0, -1);
  const at = modules.findIndex((each) => LAYER.test(each));
  if (at < 0) return modules.join('/');
  const outer = modules.slice(0, at).filter((each) => !WRAPPERS.has(each));
  const layer = `layer ${Number(LAYER.exec(modules[at])![1])}`;
  return [[...outer, layer].join(' '), ...modules.slice(at + 1)].join('/');
}
