/** Mistakes in the order of things on Tomasulo's machine (UA-32, UA-60 to UA-62, UA-64, UA-65). */
import { mutationsOf } from '../mutation.ts';

const core = mutationsOf('src/timing/tomasulo.ts');

export const TOMASULO = [
  core('UA-64', 'there is one bus more', 'buses-- > 0', 'buses-- >= 0'),
  core(
    'UA-64',
    'results that are written need no bus',
    '(i.static.writes < 0 || buses-- > 0)',
    'true',
  ),
  core(
    'UA-64',
    'what writes no register needs a bus',
    '(i.static.writes < 0 || buses-- > 0)',
    'buses-- > 0',
  ),
  core(
    'UA-64',
    'the youngest results take the buses',
    'this.writing = this.buffer.filter(',
    'this.writing = this.buffer.toReversed().filter(',
  ),
  core(
    'UA-64',
    'a result is done a cycle late',
    'i.doneCycle <= cycle &&',
    'i.doneCycle < cycle &&',
  ),
  core(
    'UA-65',
    'an instruction commits in its WB',
    'instruction.writeBackCycle >= cycle) return',
    'instruction.writeBackCycle > cycle) return',
  ),
  core(
    'UA-65',
    'instructions commit out of order',
    'instruction.writeBackCycle >= cycle) return',
    'instruction.writeBackCycle >= cycle) continue',
  ),
  core(
    'UA-65',
    'any number commits in a cycle',
    'if (this.committing.length === machine.pipeline.width) return;',
    '',
  ),
  core(
    'UA-65',
    'one commits in a cycle',
    'this.committing.length === machine.pipeline.width',
    'this.committing.length === 1',
  ),
  core('UA-62', 'any number issues in a cycle', 'if (this.issuing.length === width) return;', ''),
  core(
    'UA-62',
    'one issues in a cycle',
    'this.issuing.length === width',
    'this.issuing.length === 1',
  ),
  core(
    'UA-62',
    'the youngest is considered first',
    'for (const instruction of this.stations)',
    'for (const instruction of this.stations.toReversed())',
  ),
  core(
    'UA-62',
    'nothing overtakes in the stations',
    'if (this.isNotedAsHeld(scene, instruction)) continue;',
    'if (this.isNotedAsHeld(scene, instruction)) return;',
  ),
  core(
    'UA-62',
    'the unit that an instruction takes is open for the next one',
    'this.units.take(instruction);',
    '',
  ),
  core(
    'UA-14',
    'memory is asked in the cycle of issue',
    'this.memory.request(request, id, memoryCycle)',
    'this.memory.request(request, id, cycle)',
  ),
  core(
    'UA-60',
    'dispatch does not count what is dispatched before in the cycle',
    '[...this.buffer, ...this.dispatching]',
    'this.buffer',
  ),
  core(
    'UA-60',
    'dispatch overtakes in ID',
    'if (this.stall.holds(instruction, find)) return;',
    'if (this.stall.holds(instruction, find)) continue;',
  ),
  core(
    'UA-60',
    'one is dispatched in a cycle',
    'this.dispatching.push(instruction);',
    'this.dispatching.push(instruction);\n      break;',
  ),
  core(
    'UA-61',
    'the value comes from the first writer of a register',
    'if (writes >= 0) renaming[writes] = instruction;',
    'if (writes >= 0) renaming[writes] ??= instruction;',
  ),
  core(
    'UA-61',
    'an instruction waits for its own result',
    'instruction.producers = reads.map((register) => renaming[register]);\n    if (writes >= 0) renaming[writes] = instruction;',
    'if (writes >= 0) renaming[writes] = instruction;\n    instruction.producers = reads.map((register) => renaming[register]);',
  ),
  core(
    'UA-32',
    'the waits in the stations take no slot',
    'i < this.heldCount && slot < width',
    'i < 0 && slot < width',
  ),
  core(
    'UA-32',
    'one wait in the stations is charged',
    'i < this.heldCount && slot < width',
    'i < Math.min(1, this.heldCount) && slot < width',
  ),
  core(
    'UA-32',
    'waits in the stations are charged before issues are',
    'let slot = 0;\n    for (const { id } of this.issuing)',
    'let slot = 0;\n    for (const { id } of this.issuing.toReversed())',
  ),
  core(
    'UA-1',
    'writes do not go through MEM',
    'i.request && i.memoryCycle === cycle',
    'i.request?.isWrite === false && i.memoryCycle === cycle',
  ),
  core(
    'UA-2',
    'the run is over when all is written',
    'commitCycle < cycle);\n  }',
    'commitCycle <= cycle);\n  }',
  ),
];
