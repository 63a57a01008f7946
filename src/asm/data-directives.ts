/** The directives that define data symbols, one for each element type: `.f32`, `.i8`. */
import type { DataType } from '../program/program.ts';
import { ELEMENT_FORMATS } from '../tensor/formats.ts';

/** The type that each directive means. */
export const DATA_DIRECTIVES: ReadonlyMap<string, DataType> = new Map(
  ELEMENT_FORMATS.map((format) => [`.${format}`, format]),
);
