/** Data symbols of a machine, read out after a run or put in before it. */
import type { DataSymbol } from '../program/program.ts';
import { hashValues } from '../program/hash.ts';
import { ELEMENT_BYTES, symbolBytes } from '../program/program.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Vm } from '../vm/vm.ts';

/** The elements of a symbol as memory holds them now; a view, not a copy. */
export function symbolValues(vm: Vm, symbol: DataSymbol): Float32Array | Int32Array {
  const from = symbol.address / ELEMENT_BYTES;
  const to = from + symbolBytes(symbol) / ELEMENT_BYTES;
  const { floats, integers } = vm.memory;
  return (symbol.dtype === 'f32' ? floats : integers).subarray(from, to);
}

/** A symbol's content as a tensor of its own. */
export function symbolTensor(vm: Vm, symbol: DataSymbol): HostTensor {
  return { dtype: symbol.dtype, shape: symbol.shape, data: symbolValues(vm, symbol).slice() };
}

/** Identifies the content of all symbols and the emitted tokens: what a program has computed. */
export function outputHash(vm: Vm): string {
  const symbols = vm.program.symbols.map((symbol) => symbolValues(vm, symbol));
  return hashValues([...symbols, Int32Array.from(vm.emittedTokens)]);
}

/** Why a tensor cannot replace a symbol's content, or ''. */
export function replacementProblem(symbol: DataSymbol, tensor: HostTensor): string {
  const shape = (dims: readonly number[]) => dims.join('×');
  const same =
    tensor.shape.length === symbol.shape.length &&
    tensor.shape.every((n, i) => n === symbol.shape[i]);
  if (!same) {
    return `${symbol.name} is ${shape(symbol.shape)}, but the tensor is ${shape(tensor.shape)}`;
  }
  if (tensor.dtype !== symbol.dtype) {
    return `${symbol.name} holds ${symbol.dtype}, but the tensor holds ${tensor.dtype}`;
  }
  return '';
}

/** Replaces a symbol's content; the tensor must fit (see replacementProblem). */
export function setSymbol(vm: Vm, symbol: DataSymbol, tensor: HostTensor): void {
  const problem = replacementProblem(symbol, tensor);
  if (problem !== '') throw new Error(`invariant: ${problem}`);
  (symbolValues(vm, symbol) as Float32Array).set(tensor.data);
}
