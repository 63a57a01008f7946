/** Opens what a sweep runs, and finds out whether it has what is to vary. */
import { nearest } from '../diagnostics/suggest.ts';
import type { Axis } from '../sweep/plan.ts';
import { messageWithHint, usage } from './failure.ts';
import { modelOf } from './sweep-model.ts';
import { programSubject } from './sweep-program.ts';
import type { SubjectFlags, SweepSubject } from './sweep-subject.ts';

const isProgram = (path: string): boolean => /\.(lasm|lbin)$/.test(path);

/** Opens what the command line names; throws a Failure for what is not fit to run. */
export function openSubject(path: string, flags: SubjectFlags, tile: number): SweepSubject {
  const forModels = ['level', 'input', 'dim', 'text', 'length', 'prompt', 'maxNewTokens', 'context', 'quantize', 'prune'] as const; // prettier-ignore
  const forPrograms = ['param', 'set', 'root', 'seed'] as const;
  const idle = (isProgram(path) ? forModels : forPrograms).find((name) => flags[name] !== undefined); // prettier-ignore
  if (idle) {
    const option = idle.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usage(`--${option} is for ${isProgram(path) ? 'models' : 'programs'}`);
  }
  return isProgram(path) ? programSubject(path, flags) : modelOf(path, flags, tile);
}

/** Fails when a sweep varies what its subject has not. */
export function checkAxes(axes: readonly Axis[], { subject, params }: SweepSubject): void {
  for (const { key } of axes) {
    if (key.kind === 'level' && subject.kind === 'program') {
      throw usage(`--vary level is for models; ${subject.name} is a program already`);
    }
    if (key.kind !== 'param') continue;
    if (!params) throw usage(`--vary ${key.name} needs the source text of a program`);
    if (params.includes(key.param)) continue;
    const guess = nearest(key.param, params);
    const known = params.length === 0 ? 'it has none' : `known: ${params.join(', ')}`;
    const hint = guess ? `did you mean param.${guess}?` : known;
    throw usage(messageWithHint(`${subject.name} has no .param ${key.param}`, hint));
  }
}
