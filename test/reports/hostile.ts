/** A run whose every name tries to break out of markup. */
import type { Run } from './programs.ts';
import { CHAIN } from './programs.ts';

export const ATTACK = `</script><!--"><img src=x onerror='alert(1)'>&lt;\u0000\ud800`;

/** CHAIN with hostile file names, instruction texts, part names, program and machine names. */
export function hostile(attack = ATTACK): Run {
  const { header, events } = CHAIN;
  const listing = header.program.listing.map((line) => {
    return { ...line, text: `${line.text} ${attack}`, file: attack, part: attack };
  });
  const program = { ...header.program, name: attack, hash: attack, listing };
  const machine = { ...header.machine, name: attack, title: attack };
  return { header: { ...header, program, machine }, events };
}
