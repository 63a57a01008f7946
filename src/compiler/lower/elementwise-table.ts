/** Which instruction an elementwise operator is. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { add } from '../../../isa/instructions/add.ts';
import { div } from '../../../isa/instructions/div.ts';
import { equal } from '../../../isa/instructions/equal.ts';
import { erf } from '../../../isa/instructions/erf.ts';
import { exp } from '../../../isa/instructions/exp.ts';
import { geluErf } from '../../../isa/instructions/gelu-erf.ts';
import { geluTanh } from '../../../isa/instructions/gelu-tanh.ts';
import { less } from '../../../isa/instructions/less.ts';
import { log } from '../../../isa/instructions/log.ts';
import { max } from '../../../isa/instructions/max.ts';
import { min } from '../../../isa/instructions/min.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { pow } from '../../../isa/instructions/pow.ts';
import { relu } from '../../../isa/instructions/relu.ts';
import { rsqrt } from '../../../isa/instructions/rsqrt.ts';
import { sigmoid } from '../../../isa/instructions/sigmoid.ts';
import { silu } from '../../../isa/instructions/silu.ts';
import { sqrt } from '../../../isa/instructions/sqrt.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import { tanh } from '../../../isa/instructions/tanh.ts';

/** Of two tiles, which broadcast. */
export const BINARY: Readonly<Record<string, InstructionDefinition>> = {
  add,
  sub,
  mul,
  div,
  max,
  min,
  pow,
  less,
  equal,
};

/** Of one tile. */
export const UNARY: Readonly<Record<string, InstructionDefinition>> = {
  exp,
  log,
  sqrt,
  rsqrt,
  erf,
  relu,
  sigmoid,
  tanh,
  silu,
  gelu: geluErf,
  gelu_tanh: geluTanh,
};
