/** How the checks of a program say what they find. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/** Takes a problem of the instruction at hand; an error with no more to say unless told otherwise. */
export type Report = (
  code: string,
  message: string,
  more: Partial<Pick<Diagnostic, 'severity' | 'hint'>>,
) => void;
