/** The binary format of WebAssembly, as far as the kernels need it: functions over one imported memory. */

export type ValueType = 'i32' | 'f32' | 'v128';

/** Bytes of instructions; nested as they were put together, for copying them at every step would take its time. */
export type Code = readonly (number | Code)[];

/** Bytes one behind the other. */
type Bytes = readonly number[];

/** A function of a module; its index is its place in the list. */
export interface WasmFunction {
  /** Exported under this name. */
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** Where the memory is imported from. */
export const MEMORY_IMPORT = { module: 'storage', name: 'memory' } as const;

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const VALUE_TYPE: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const FUNCTION_TYPE = 0x60;
const FUNCTION_KIND = 0;
const MEMORY_KIND = 2;
const END = 0x0b;

/** A non-negative integer as LEB128. */
export function unsigned(value: number): Bytes {
  const low = value & 0x7f;
  return value > 0x7f ? [low | 0x80, ...unsigned(value >>> 7)] : [low];
}

/** An int32 as signed LEB128. */
export function signed(value: number): Bytes {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isDone = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isDone ? [low] : [low | 0x80, ...signed(rest)];
}

/**
 * The bytes of a module that exports the functions and imports a memory of any size.
 *
 * Source: WebAssembly Core Specification 2.0, chapter 5 (Binary Format).
 */
export function encodeModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const imported = [text(MEMORY_IMPORT.module), text(MEMORY_IMPORT.name), MEMORY_KIND, 0, 0];
  const exports = functions.map(({ name }, i) => [text(name), FUNCTION_KIND, unsigned(i)]);
  return Uint8Array.from(
    flattened([
      MAGIC_AND_VERSION,
      section(SECTION.type, functions.map(signature)),
      section(SECTION.import, [imported]),
      section(
        SECTION.function,
        functions.map((_, index) => unsigned(index)),
      ),
      section(SECTION.export, exports),
      section(SECTION.code, functions.map(functionBody)),
    ]),
  );
}

/** The bytes of code, appended to `bytes`. */
function flattened(code: Code, bytes: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === 'number') bytes.push(part);
    else flattened(part, bytes);
  }
  return bytes;
}

function signature({ params, result }: WasmFunction): Code {
  const results = result === undefined ? [] : [result];
  return [FUNCTION_TYPE, typeList(params), typeList(results)];
}

function functionBody({ locals, body }: WasmFunction): Code {
  const declared = locals.map((type) => [1, VALUE_TYPE[type]]);
  return sized([list(declared), body, END]);
}

function section(id: number, items: readonly Code[]): Code {
  return [id, sized(list(items))];
}

function typeList(types: readonly ValueType[]): Code {
  return list(types.map((type) => [VALUE_TYPE[type]]));
}

function text(name: string): Code {
  return sized([...name].map((letter) => letter.charCodeAt(0)));
}

function sized(code: Code): Code {
  const bytes = flattened(code);
  return [unsigned(bytes.length), bytes];
}

function list(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}
