/** Every ONNX operator that is converted. */
import type { Lowering } from '../node.ts';
import { ACTIVATIONS } from './activations.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { ATTENTION } from './attention.ts';
import { MOVEMENT } from './movement.ts';
import { NORMALIZATION } from './normalization.ts';
import { PRODUCTS } from './products.ts';
import { RECURRENT } from './recurrent.ts';
import { REDUCTIONS } from './reductions.ts';
import { SHAPES } from './shapes.ts';
import { TRIANGLES } from './triangles.ts';

/** By the name that ONNX gives it, in its own domain. */
export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map(
  [
    ARITHMETIC,
    ACTIVATIONS,
    SHAPES,
    MOVEMENT,
    TRIANGLES,
    REDUCTIONS,
    PRODUCTS,
    NORMALIZATION,
    ATTENTION,
    RECURRENT,
  ].flatMap((table) => Object.entries(table)),
);
