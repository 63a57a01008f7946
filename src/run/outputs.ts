/** Data symbols of a machine, read out after a run or put in before it. */
import type { DataSymbol } from '../program/program.ts';
import { hashValues } from '../program/hash.ts';
import { FORMATS, isIntegerFormat } from '../tensor/formats.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import type { Vm } from '../vm/vm.ts';

/**
 * The elements of a symbol as numbers, exactly: a view of memory where it holds float32 or int32, a
 * copy in one of these where it holds smaller ones.
 */
export function symbolValues(vm: Vm, symbol: DataSymbol): Float32Array | Int32Array {
  const { address, shape, dtype } = symbol;
  return vm.memory.numbers(address, elementCount(shape), dtype);
}

/** A symbol's content as a tensor of its own. */
export function symbolTensor(vm: Vm, symbol: DataSymbol): HostTensor {
  const dtype = numberType(symbol);
  return { dtype, shape: symbol.shape, data: symbolValues(vm, symbol).slice() };
}

/** What a symbol's elements are as numbers. */
function numberType({ dtype }: DataSymbol): HostTensor['dtype'] {
  return isIntegerFormat(dtype) ? 'i32' : 'f32';
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
  if (tensor.dtype !== numberType(symbol)) {
    return `${symbol.name} holds ${symbol.dtype}, but the tensor holds ${tensor.dtype}`;
  }
  return '';
}

/** Replaces a symbol's content, rounded to its type as STORE does; the tensor must fit (see replacementProblem). */
export function setSymbol(vm: Vm, symbol: DataSymbol, tensor: HostTensor): void {
  const problem = replacementProblem(symbol, tensor);
  if (problem !== '') throw new Error(`invariant: ${problem}`);
  const { address, dtype } = symbol;
  const { encode } = FORMATS[dtype];
  const stored = vm.memory.stored(address, tensor.data.length, dtype);
  if (dtype === 'f32' || dtype === 'i32') stored.set(tensor.data);
  else tensor.data.forEach((value: number, i: number) => (stored[i] = encode(value)));
}
