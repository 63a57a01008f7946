/** Runs a model on the machine and in the float64 reference, and compares them tensor by tensor. */
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Vm } from '../vm/vm.ts';
import { Comparer } from './verify-comparer.ts';
import type { MachinePass } from './verify-passes.ts';
import { runOnce, runPasses } from './verify-passes.ts';
import type { Subject, Verified, VerifyOptions } from './verify-result.ts';

/**
 * A program from inputs to outputs. It must have been compiled with `apart`, so that tensors are in
 * memory when it ends.
 */
export function verifyGraph(
  subject: Subject,
  inputs: ReadonlyMap<string, HostTensor>,
  options: VerifyOptions,
): Verified {
  const places = subject.places.get('main')!;
  const bySymbol = new Map([...inputs].map(([name, tensor]) => [places.get(name)!, tensor]));
  const comparer = new Comparer(subject, options, inputs);
  const { program } = subject;
  return comparer.finish(
    runOnce(program, bySymbol, vmOptions(options), (pass, vm) => comparer.compare(pass, vm)),
  );
}

/** A program that generates: every pass through encoder and decoder, with the machine's own tokens. */
export function verifyLanguage(
  subject: Subject,
  promptTokens: readonly number[],
  options: VerifyOptions,
): Verified {
  const comparer = new Comparer(subject, options, new Map());
  const routines = [...subject.graphs.keys()];
  const { maxNewTokens = Infinity, decoderStart } = options;
  const first = decoderStart === undefined ? promptTokens : [decoderStart];
  const isLast = ({ routine, counts }: MachinePass, { emittedTokens }: Vm) =>
    routine === 'decode' &&
    counts.position + counts.rows >= first.length &&
    emittedTokens.length + 1 >= maxNewTokens;
  const trap = runPasses(
    subject.program,
    routines,
    { ...vmOptions(options), promptTokens },
    (pass, vm) => {
      const text = pass.routine === 'encode' ? promptTokens : [...first, ...vm.emittedTokens];
      return comparer.compare(pass, vm, text) && !isLast(pass, vm);
    },
  );
  return comparer.finish(trap);
}

const vmOptions = ({ maxInstructions }: VerifyOptions) =>
  maxInstructions === undefined ? {} : { maxInstructions };
