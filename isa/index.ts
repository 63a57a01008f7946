/** The instruction table: every instruction of Lasm, and the check that it is consistent. */
import type { InstructionDefinition } from './instruction.ts';
import { add } from './instructions/add.ts';
import { argmax } from './instructions/argmax.ts';
import { beq } from './instructions/beq.ts';
import { bge } from './instructions/bge.ts';
import { blt } from './instructions/blt.ts';
import { bne } from './instructions/bne.ts';
import { copy } from './instructions/copy.ts';
import { dequant } from './instructions/dequant.ts';
import { div } from './instructions/div.ts';
import { ecallEmit } from './instructions/ecall-emit.ts';
import { ecallPrompt } from './instructions/ecall-prompt.ts';
import { ecallSample } from './instructions/ecall-sample.ts';
import { equal } from './instructions/equal.ts';
import { erf } from './instructions/erf.ts';
import { exp } from './instructions/exp.ts';
import { fill } from './instructions/fill.ts';
import { geluErf } from './instructions/gelu-erf.ts';
import { geluTanh } from './instructions/gelu-tanh.ts';
import { halt } from './instructions/halt.ts';
import { iadd } from './instructions/iadd.ts';
import { idiv } from './instructions/idiv.ts';
import { iload } from './instructions/iload.ts';
import { imax } from './instructions/imax.ts';
import { imin } from './instructions/imin.ts';
import { imul } from './instructions/imul.ts';
import { irem } from './instructions/irem.ts';
import { istore } from './instructions/istore.ts';
import { isub } from './instructions/isub.ts';
import { jal } from './instructions/jal.ts';
import { jr } from './instructions/jr.ts';
import { less } from './instructions/less.ts';
import { li } from './instructions/li.ts';
import { load } from './instructions/load.ts';
import { loadBf16 } from './instructions/load-bf16.ts';
import { loadF16 } from './instructions/load-f16.ts';
import { loadI32 } from './instructions/load-i32.ts';
import { loadI8 } from './instructions/load-i8.ts';
import { log } from './instructions/log.ts';
import { mask } from './instructions/mask.ts';
import { matmul } from './instructions/matmul.ts';
import { matmulI8 } from './instructions/matmul-i8.ts';
import { max } from './instructions/max.ts';
import { min } from './instructions/min.ts';
import { mul } from './instructions/mul.ts';
import { normLayer } from './instructions/norm-layer.ts';
import { normRms } from './instructions/norm-rms.ts';
import { pow } from './instructions/pow.ts';
import { quant } from './instructions/quant.ts';
import { relu } from './instructions/relu.ts';
import { rope } from './instructions/rope.ts';
import { rowMax } from './instructions/rowmax.ts';
import { rowSum } from './instructions/rowsum.ts';
import { rsqrt } from './instructions/rsqrt.ts';
import { select } from './instructions/select.ts';
import { sigmoid } from './instructions/sigmoid.ts';
import { silu } from './instructions/silu.ts';
import { softmax } from './instructions/softmax.ts';
import { sqrt } from './instructions/sqrt.ts';
import { store } from './instructions/store.ts';
import { storeBf16 } from './instructions/store-bf16.ts';
import { storeF16 } from './instructions/store-f16.ts';
import { storeI32 } from './instructions/store-i32.ts';
import { storeI8 } from './instructions/store-i8.ts';
import { sub } from './instructions/sub.ts';
import { tanh } from './instructions/tanh.ts';
import { transpose } from './instructions/transpose.ts';
import { trunc } from './instructions/trunc.ts';

/** In the order of the manual. */
export const INSTRUCTIONS: readonly InstructionDefinition[] = [
  // base
  load,
  store,
  matmul,
  add,
  softmax,
  normLayer,
  normRms,
  // vector
  sub,
  mul,
  div,
  max,
  min,
  less,
  equal,
  select,
  exp,
  log,
  pow,
  sqrt,
  relu,
  geluErf,
  geluTanh,
  silu,
  sigmoid,
  tanh,
  erf,
  rsqrt,
  trunc,
  rowMax,
  rowSum,
  transpose,
  copy,
  fill,
  mask,
  rope,
  // control
  li,
  iadd,
  isub,
  imul,
  idiv,
  irem,
  imin,
  imax,
  iload,
  istore,
  beq,
  bne,
  blt,
  bge,
  jal,
  jr,
  halt,
  // token
  argmax,
  ecallEmit,
  ecallPrompt,
  ecallSample,
  // lowp
  loadF16,
  loadBf16,
  loadI8,
  loadI32,
  storeF16,
  storeBf16,
  storeI8,
  storeI32,
  quant,
  matmulI8,
  dequant,
];

/** Registers of each kind. */
export const TILE_REGISTERS = 32;
export const SCALAR_REGISTERS = 32;

/** Throws an invariant error when two definitions clash or one is not well formed. */
export function checkTable(table: readonly InstructionDefinition[]): void {
  const mnemonics = new Set<string>();
  const opcodes = new Set<number>();
  for (const { mnemonic, opcode, flags, operands, elements } of table) {
    const problem = (text: string) => new Error(`invariant: ${mnemonic} ${text}`);
    if (!/^[A-Z]+(\.[A-Z][A-Z0-9]*)?$/.test(mnemonic)) throw problem('is not a mnemonic');
    if (mnemonics.has(mnemonic)) throw problem('is defined twice');
    if (opcodes.has(opcode)) throw problem(`shares opcode ${opcode}`);
    if (!Number.isInteger(opcode) || opcode < 1 || opcode > 255)
      throw problem('has no byte opcode');
    if (flags.length > 8) throw problem('has more flags than a byte holds');
    if (operands.filter((o) => o.access === 'write').length > 1) throw problem('writes twice');
    if (operands.some((o) => o.kind === 'address') !== (elements !== undefined)) {
      throw problem('has an address without a format of its elements, or the other way round');
    }
    const firstKeyword = operands.findIndex((o) => o.keyword);
    if (firstKeyword >= 0 && operands.slice(firstKeyword).some((o) => !o.keyword)) {
      throw problem('has a positional operand behind a keyword');
    }
    for (const { readWith } of operands) {
      if (readWith && !flags.some((f) => f.name === readWith)) {
        throw problem(`has no flag ${readWith}`);
      }
    }
    mnemonics.add(mnemonic);
    opcodes.add(opcode);
  }
}

checkTable(INSTRUCTIONS);

const byMnemonic = new Map(INSTRUCTIONS.map((d) => [d.mnemonic, d]));
const byOpcode = new Map(INSTRUCTIONS.map((d) => [d.opcode, d]));

/** The definition with this mnemonic, in upper case and without flags. */
export function findInstruction(mnemonic: string): InstructionDefinition | undefined {
  return byMnemonic.get(mnemonic);
}

/** The definition with this opcode. */
export function findOpcode(opcode: number): InstructionDefinition | undefined {
  return byOpcode.get(opcode);
}
