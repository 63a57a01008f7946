/** A small assembler: locals, statements and functions over the operations of WebAssembly. */

import type { Code, ValueType, WasmFunction } from './encoder.ts';
import { unsigned } from './encoder.ts';
import { i32, int } from './operations.ts';

/** A parameter or a local variable. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Reads a local. */
export const get = ({ index }: Local): Code => [0x20, ...unsigned(index)];

/** Writes a local. */
export const set = ({ index }: Local, value: Code): Code => [...value, 0x21, ...unsigned(index)];

/** Statements, one behind the other. */
export const sequence = (...statements: readonly Code[]): Code => statements.flat();

/** Runs `body` when the int32 `condition` is not 0. */
export const when = (condition: Code, body: Code, otherwise?: Code): Code => [
  ...condition,
  ...[0x04, 0x40],
  ...body,
  ...(otherwise ? [0x05, ...otherwise] : []),
  0x0b,
];

/** Runs `body`, and again as long as `condition` holds behind it. */
export const doWhile = (body: Code, condition: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...condition,
  ...[0x0d, 0],
  0x0b,
];

/** Runs `body` as long as `condition` holds before it. */
export const whileTrue = (condition: Code, body: Code): Code =>
  when(condition, doWhile(body, condition));

/** `local ← local + amount`. */
export const advance = (local: Local, amount: Code): Code =>
  set(local, i32.add(get(local), amount));

/** Runs `body` as many times as `count` says, and counts it down to 0. */
export const repeat = (count: Local, ...body: readonly Code[]): Code =>
  whileTrue(get(count), sequence(...body, advance(count, int(-1))));

type LocalsOf<P> = { readonly [K in keyof P]: Local };

/** Declares the locals of a function that is being written. */
export type Declare = (type: ValueType) => Local;

/** As many locals of one type. */
export const declareAll = (declare: Declare, type: ValueType, count: number): readonly Local[] =>
  Array.from({ length: count }, () => declare(type));

/** Parameters that are addresses, lengths or counts. */
export const integers = <const N extends string>(...names: readonly N[]): Record<N, 'i32'> =>
  Object.fromEntries(names.map((name) => [name, 'i32'])) as Record<N, 'i32'>;

/** A function; `write` gets its parameters by name, and declares locals as it needs them. */
export function defineFunction<const P extends Readonly<Record<string, ValueType>>>(
  name: string,
  params: P,
  write: (params: LocalsOf<P>, declare: Declare) => Code,
  result?: ValueType,
): WasmFunction {
  const types = Object.values(params);
  const named = Object.entries(params).map(([key, type], index) => [key, { index, type }]);
  const locals: ValueType[] = [];
  const declare = (type: ValueType): Local => {
    locals.push(type);
    return { index: types.length + locals.length - 1, type };
  };
  const body = write(Object.fromEntries(named) as LocalsOf<P>, declare);
  return { name, params: types, result, locals, body };
}
