/** Attention of ONNX, written out as products, masks and a softmax. Source: onnx.ai/onnx/operators/onnx__Attention.html. */
import { elementCount } from '../../../tensor/host-tensor.ts';
import type { DataType } from '../data-types.ts';
import { dataType } from '../data-types.ts';
import type { Lowering, NodeContext } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { need, rankOf, showValue } from '../value.ts';
import { compare, select } from './elements.ts';
import { padAxis } from './movement.ts';
import { product } from './products.ts';

/** As many rows or columns as a mask may tell apart. */
const MAX_COUNTED = 2 ** 22;

/** What qk_matmul_output is: the scores at one of four points on their way. */
const SCORES = { product: 0, capped: 1, masked: 2, softmax: 3 } as const;

/** batch × sequence × heads·width as batch × heads × sequence × width. */
function splitHeads(node: NodeContext, position: number, attribute: string): Value {
  const x = node.ranked(position, 3, 4);
  const heads = node.integer(attribute, 0);
  if (rankOf(x) === 4) return x;
  const [batch, rows, width] = x.shape;
  need(heads > 0 && width % heads === 0, `${heads} heads of ${showValue(x)}`, attribute);
  const split = node.tensors.reshape(x, [batch, rows, heads, width / heads]);
  return node.tensors.transpose(split, [0, 2, 1, 3]);
}

const attention: Lowering = (node) => {
  const { tensors } = node;
  const q = splitHeads(node, 0, 'q_num_heads');
  const k = withPast(node, splitHeads(node, 1, 'kv_num_heads'), 4);
  const v = withPast(node, splitHeads(node, 2, 'kv_num_heads'), 5);
  const [batch, heads, rows, width] = q.shape;
  const [groups, columns] = [k.shape[1], k.shape[2]];
  need(heads % groups === 0, `${heads} heads share ${groups} heads of keys and values`);
  const scale = node.number('scale', 1 / Math.sqrt(width));
  // The heads that share keys are neighbours: their rows are those of one head.
  const shared = (x: Value, last: number) =>
    tensors.reshape(x, [batch, groups, (heads / groups) * rows, last]);
  const raw = product(
    tensors,
    shared(tensors.op('mul', [q, node.scalar(scale, q)]), width),
    k,
    true,
  );
  const scores = tensors.reshape(raw, [batch, heads, rows, columns]);
  const capped = softcap(node, scores);
  const masked = withMasks(node, capped, columns - node.input(1).shape.at(-2)!);
  // Whatever the precision asked for, it is float32.
  node.integer('softmax_precision', 1);
  const weights = tensors.op('softmax', [masked]);
  const y = product(tensors, shared(weights, columns), v);
  const split = tensors.reshape(y, [batch, heads, rows, v.shape[3]]);
  const steps = [scores, capped, masked, weights];
  const mode = node.integer('qk_matmul_output_mode', SCORES.product);
  need(mode in steps, `there is no qk_matmul_output_mode ${mode}`);
  return [rankOf(node.input(0)) === 3 ? joinHeads(tensors, split) : split, k, v, steps[mode]];
};

function joinHeads(tensors: Tensors, x: Value): Value {
  const [batch, heads, rows, width] = x.shape;
  return tensors.reshape(tensors.transpose(x, [0, 2, 1, 3]), [batch, rows, heads * width]);
}

/** Keys or values behind those of earlier passes. */
function withPast(node: NodeContext, x: Value, position: number): Value {
  const past = node.optional(position);
  return past ? node.tensors.concat([node.ranked(position, 4), x], 2) : x;
}

/** cap · tanh(x / cap). */
function softcap(node: NodeContext, scores: Value): Value {
  const { tensors } = node;
  const cap = node.number('softcap', 0);
  if (cap === 0) return scores;
  const shrunk = tensors.op('mul', [scores, node.scalar(1 / cap, scores)]);
  return tensors.op('mul', [tensors.op('tanh', [shrunk]), node.scalar(cap, scores)]);
}

/** The scores plus the mask, and −∞ where a column may not be seen. */
function withMasks(node: NodeContext, scores: Value, past: number): Value {
  const { tensors } = node;
  const columns = scores.shape[3];
  const lengths = node.optional(6);
  const filled = lengths && tensors.reshape(lengths, [scores.shape[0], 1, 1, 1]);
  const seen: Value[] = [];
  if (node.flag('is_causal')) seen.push(causal(tensors, scores, past, filled));
  if (filled) seen.push(compare(tensors, 'less', counted(tensors, [columns], filled.type), filled));
  const mask = paddedMask(node, columns);
  if (mask?.type.dtype === 'bool') seen.push(mask);
  const added = mask?.type.dtype === 'f32' ? tensors.op('add', [scores, mask]) : scores;
  if (seen.length === 0) return added;
  const allowed = seen.reduce((a, b) => tensors.op('min', [a, b]));
  const bias = select(tensors, allowed, node.scalar(0, scores), node.scalar(-Infinity, scores));
  return tensors.op('add', [added, bias]);
}

/** 0, 1, 2 … in a shape. */
function counted(tensors: Tensors, shape: readonly number[], type: DataType): Value {
  const count = elementCount(shape);
  need(count <= MAX_COUNTED, `${count} rows or columns`, `at most ${MAX_COUNTED}`);
  const numbers = Array.from({ length: count }, (_, i) => i);
  return tensors.list(numbers, type, shape);
}

/** Column j may be seen from row i when j ≤ i + the columns before this pass. */
function causal(tensors: Tensors, scores: Value, past: number, filled: Value | undefined): Value {
  const [rows, columns] = scores.shape.slice(2);
  const type = filled?.type ?? dataType('int64');
  const row = counted(tensors, [rows, 1], type);
  const column = counted(tensors, [columns], type);
  const before = filled
    ? tensors.op('sub', [filled, tensors.scalar(rows, type)])
    : tensors.scalar(past, type);
  const first = tensors.op('add', [tensors.op('add', [row, before]), tensors.scalar(1, type)]);
  return compare(tensors, 'less', column, first);
}

/** A mask may be shorter than the keys: columns behind it are not seen. */
function paddedMask(node: NodeContext, columns: number): Value | undefined {
  const mask = node.optional(3);
  if (!mask) return undefined;
  need(mask.type.dtype !== 'i32', `the mask is ${showValue(mask)}`, 'bool or float');
  const missing = columns - (mask.shape.at(-1) ?? 1);
  if (rankOf(mask) === 0 || mask.shape.at(-1) === 1 || missing <= 0) return mask;
  const unseen = node.scalar(mask.type.dtype === 'bool' ? 0 : -Infinity, mask);
  return padAxis(node.tensors, mask, rankOf(mask) - 1, [0, missing], unseen);
}

/** The halves of what is turned: side by side, or taking turns. */
function halves(tensors: Tensors, x: Value, half: number, interleaved: boolean) {
  const axis = rankOf(x) - 1;
  const take = (start: number, step: number) => tensors.slice(x, axis, start, half, step);
  return interleaved ? [take(0, 2), take(1, 2)] : [take(0, 1), take(half, 1)];
}

/** (a, b) becomes (a cos − b sin, a sin + b cos). Source: Su et al., 2021. */
const rotaryEmbedding: Lowering = (node) => {
  const { tensors } = node;
  const given = node.ranked(0, 3, 4);
  const heads = node.integer('num_heads', 0);
  const isFlat = rankOf(given) === 3;
  need(!isFlat || (heads > 0 && given.shape[2] % heads === 0), `num_heads is ${heads}`);
  const x = isFlat
    ? tensors.reshape(given, [...given.shape.slice(0, 2), heads, given.shape[2] / heads])
    : given;
  const width = x.shape[3];
  const turned = node.integer('rotary_embedding_dim', 0) || width;
  need(turned % 2 === 0 && turned <= width, `rotary_embedding_dim is ${turned} of ${width}`);
  const [cos, sin] = [1, 2].map((position) => angles(node, position, isFlat ? 2 : 1));
  const interleaved = node.flag('interleaved');
  const [a, b] = halves(tensors, tensors.slice(x, 3, 0, turned), turned / 2, interleaved);
  const mul = (p: Value, r: Value) => tensors.op('mul', [p, r]);
  const pair = [
    tensors.op('sub', [mul(a, cos), mul(b, sin)]),
    tensors.op('add', [mul(a, sin), mul(b, cos)]),
  ];
  const rest = tensors.slice(x, 3, turned, width - turned);
  const rotated = interleaved ? interleave(tensors, pair) : tensors.concat(pair, 3);
  return tensors.reshape(tensors.concat([rotated, rest], 3), given.shape);
};

/** The first of each, then the second of each, and so on. */
function interleave(tensors: Tensors, pair: readonly Value[]): Value {
  const apart = pair.map((x) => tensors.reshape(x, [...x.shape, 1]));
  const [batch, heads, rows, half] = pair[0].shape;
  return tensors.reshape(tensors.concat(apart, 4), [batch, heads, rows, 2 * half]);
}

/** batch × rows × half of a table, with an axis for the heads. */
function angles(node: NodeContext, position: number, headAxis: number): Value {
  const ids = node.optional(3);
  const table = node.ranked(position, ids ? 2 : 3);
  const rows = ids ? node.tensors.op('gather', [table, node.ranked(3, 2)], { axis: 0 }) : table;
  return node.tensors.reshape(rows, rows.shape.toSpliced(headAxis, 0, 1));
}

export const ATTENTION: Readonly<Record<string, Lowering>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
