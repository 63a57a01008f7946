/** Generation loops around a stub of a model: its logits are rows of a table, and it remembers its calls. */
import type { GenerationOptions } from '../../../src/compiler/generation/options.ts';
import { generationProgram } from '../../../src/compiler/generation/program.ts';
import type { Program } from '../../../src/program/program.ts';
import { findSymbol } from '../../../src/program/program.ts';
import { setSymbol, symbolValues } from '../../../src/run/outputs.ts';
import type { VmOptions } from '../../../src/vm/vm.ts';
import { Vm } from '../../../src/vm/vm.ts';
import { assembleText } from '../../support/run.ts';

/** Options with everything that a test does not care about. */
export interface Wanted {
  readonly vocabulary: number;
  readonly tile?: number;
  readonly context?: number;
  readonly rowLimit?: number;
  readonly end?: readonly number[];
  readonly maxNewTokens?: number;
  readonly sampling?: GenerationOptions['sampling'];
  readonly encoder?: { readonly sourceLimit: number; readonly decoderStart: number };
}

export const GREEDY = { temperature: 0 } as const;

/** Calls that the stub has room to remember. */
const MAX_CALLS = 64;

/** What was read behind the call number is -1 where nothing was written. */
const forget = (count: number) => `[${new Array(count).fill(-1).join(', ')}]`;

export function optionsOf(wanted: Wanted): GenerationOptions {
  const { vocabulary, tile = 16, context = 64, rowLimit = 4, end = [], encoder } = wanted;
  return {
    model: { vocabulary, context, end, decoderStart: encoder?.decoderStart },
    tile,
    rowLimit,
    sourceLimit: encoder?.sourceLimit,
    maxNewTokens: wanted.maxNewTokens ?? 8,
    sampling: wanted.sampling ?? GREEDY,
  };
}

/**
 * The program: the loop and a stub. Its logits are row `(context − 1) mod rows` of `table`; it keeps
 * what it was told in `calls` (kind, source or rows, position, context) and the tokens it was given, by
 * position, in `seen` and `source_seen`; and it spoils every register that it may.
 */
export function stubProgram(wanted: Wanted, tableRows: number, params = {}): Program {
  const options = optionsOf(wanted);
  const { head, data, bss, text } = generationProgram(options);
  const { model, tile, rowLimit, sourceLimit = 1 } = options;
  const lines = [
    `.tile ${tile}`,
    ...head,
    '.data',
    `table: .f32 ${tableRows}, ${model.vocabulary} = zeros()`,
    `calls: .i32 ${MAX_CALLS}, 4 = ${forget(4 * MAX_CALLS)}`,
    'call_count: .i32 1 = [0]',
    `seen: .i32 ${model.context} = ${forget(model.context)}`,
    `source_seen: .i32 ${sourceLimit} = ${forget(sourceLimit)}`,
    ...data,
    '.bss',
    `logits: .f32 1, ${model.vocabulary}`,
    `decode_tokens: .i32 ${rowLimit}`,
    `encode_tokens: .i32 ${sourceLimit}`,
    ...bss,
    '.text',
    ...text,
    ...stubDecode(tableRows, model.vocabulary, tile),
    ...(options.sourceLimit === undefined ? [] : stubEncode()),
  ];
  return assembleText(`${lines.join('\n')}\n`, undefined, params);
}

function stubDecode(tableRows: number, vocabulary: number, tile: number): string[] {
  const rest = vocabulary % tile;
  return [
    'decode:',
    ...remember('decode', 0, 'r28', 'r29', 'r30'),
    '      LI   r1, 0',
    'decode_see:',
    '      IMUL r2, r1, 4',
    '      ILOAD r3, [decode_tokens + r2]',
    '      IADD r4, r29, r1',
    '      IMUL r4, r4, 4',
    '      ISTORE [seen + r4], r3',
    '      IADD r1, r1, 1',
    '      BLT  r1, r28, decode_see',
    '      ISUB r1, r30, 1',
    `      IREM r1, r1, ${tableRows}`,
    `      IMUL r1, r1, ${4 * vocabulary}`,
    ...(vocabulary < tile ? [] : wholeRows(vocabulary - rest, tile)),
    ...(rest === 0
      ? []
      : [
          `      LOAD t0, [table + r1 + ${4 * (vocabulary - rest)}], rows=1, cols=${rest}, stride=4`,
          `      STORE [logits + ${4 * (vocabulary - rest)}], t0, stride=4`,
        ]),
    ...spoil(),
    '      JR   r31',
  ];
}

function wholeRows(elements: number, tile: number): string[] {
  return [
    '      LI   r2, 0',
    'decode_copy:',
    '      IADD r3, r1, r2',
    `      LOAD t0, [table + r3], rows=1, cols=${tile}, stride=4`,
    '      STORE [logits + r2], t0, stride=4',
    `      IADD r2, r2, ${4 * tile}`,
    `      BLT  r2, ${4 * elements}, decode_copy`,
  ];
}

function stubEncode(): string[] {
  return [
    'encode:',
    ...remember('encode', 1, 'r27', 'r0', 'r0'),
    '      LI   r1, 0',
    'encode_see:',
    '      IMUL r2, r1, 4',
    '      ILOAD r3, [encode_tokens + r2]',
    '      ISTORE [source_seen + r2], r3',
    '      IADD r1, r1, 1',
    '      BLT  r1, r27, encode_see',
    ...spoil(),
    '      JR   r31',
  ];
}

function remember(name: string, kind: number, ...registers: readonly string[]): string[] {
  return [
    '      ILOAD r1, [call_count]',
    `      BGE  r1, ${MAX_CALLS}, ${name}_work`,
    '      IMUL r2, r1, 16',
    `      LI   r3, ${kind}`,
    '      ISTORE [calls + r2], r3',
    ...registers.map((register, i) => `      ISTORE [calls + r2 + ${4 * (i + 1)}], ${register}`),
    '      IADD r1, r1, 1',
    '      ISTORE [call_count], r1',
    `${name}_work:`,
  ];
}

/** A subroutine may change r1 to r22, r26 and every tile. */
function spoil(): string[] {
  const scalars = [...Array.from({ length: 22 }, (_, i) => i + 1), 26];
  return [
    ...scalars.map((register) => `      LI   r${register}, -99`),
    ...Array.from({ length: 32 }, (_, tile) => `      FILL t${tile}, nan, rows=2, cols=2`),
  ];
}

export interface Finished {
  readonly vm: Vm;
  readonly tokens: readonly number[];
  /** kind (0 decode, 1 encode), rows or source, position, context. */
  readonly calls: readonly (readonly number[])[];
  /** Tokens by position, as far as there are any. */
  readonly seen: readonly number[];
  readonly sourceSeen: readonly number[];
  values(symbol: string): Float32Array | Int32Array;
}

/** Runs a stub program to its end, which must be a HALT. */
export function finish(
  program: Program,
  table: ArrayLike<number>,
  options: VmOptions = {},
): Finished {
  const vm = new Vm(program, options);
  const symbol = findSymbol(program, 'table')!;
  setSymbol(vm, symbol, { dtype: 'f32', shape: symbol.shape, data: Float32Array.from(table) });
  while (vm.next());
  if (vm.trap) throw new Error(`${vm.trap.code}: ${vm.trap.message}`);
  const values = (name: string) => symbolValues(vm, findSymbol(program, name)!);
  const written = (name: string) => [...values(name)].filter((value) => value >= 0);
  const calls = values('calls');
  return {
    vm,
    tokens: vm.emittedTokens,
    calls: Array.from({ length: values('call_count')[0]! }, (_, i) => [
      ...calls.subarray(4 * i, 4 * i + 4),
    ]),
    seen: written('seen'),
    sourceSeen: written('source_seen'),
    values,
  };
}
