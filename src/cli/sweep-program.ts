/** A sweep of a program: assembled once for each choice of its `.param`s. */
import { hashText, programHash } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import { Failure } from './failure.ts';
import { assembleFile, loadBinary } from './load.ts';
import { readInputs } from './run-options.ts';
import type { SubjectFlags, SweepSubject } from './sweep-subject.ts';
import { hashesOf, instructionLimit, limits } from './sweep-subject.ts';

/** The program in a file; throws a Failure when it is not fit to run as it is. */
export function programSubject(path: string, flags: SubjectFlags): SweepSubject {
  const { tokens = [], seed = 0, param = {}, root, set } = flags;
  const isSource = !path.endsWith('.lbin');
  const assembled = (params: Readonly<Record<string, number>>) =>
    assembleFile(path, { params, ...(root !== undefined && { root }) });
  let base: Program;
  if (isSource) {
    const { program, diagnostics, show } = assembled(param);
    show(diagnostics);
    if (!program) throw new Failure(1, `${path} was not run`);
    base = program;
  } else {
    base = loadBinary(path, { params: param });
  }
  const inputs = [...readInputs(base, flags)];
  return {
    subject: {
      name: base.name,
      kind: 'program',
      hash: hashText(JSON.stringify([programHash(base), isSource ? base.sources : []])),
      options: { ...limits(flags), tokens, seed, param, set: set && hashesOf(inputs) },
    },
    inputs: { promptTokens: tokens, seed, ...instructionLimit(flags) },
    params: isSource ? base.params.map(({ name }) => name) : undefined,
    build: ({ params }) => {
      if (Object.keys(params).length === 0) return { program: base, inputs };
      const { program, diagnostics } = assembled({ ...param, ...params });
      if (program) return { program, inputs };
      const { message, span } = diagnostics.find(({ severity }) => severity === 'error')!;
      return { problem: `${span.file}:${span.line}: ${message}` };
    },
  };
}
