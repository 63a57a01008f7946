/** Mistakes in RAW, WAW and WAR, and in chains, of the in-order machines (UA-16, UA-21 to UA-25). */
import { mutationsOf } from '../mutation.ts';

const hazards = mutationsOf('src/timing/hazards.ts');

export const REGISTER_HAZARDS = [
  hazards('UA-24', 'there is no WAW', '  findRaw,\n  findWaw,\n', '  findRaw,\n'),
  hazards('UA-25', 'there is no WAR', '  findWaw,\n  findWar,\n', '  findWaw,\n'),
  hazards(
    'UA-22',
    'of equals the last source is named',
    'readyCycle <= ready',
    'readyCycle < ready',
  ),
  hazards(
    'UA-22',
    'the first source that is pending is named',
    'ready = readyCycle;',
    'ready = Infinity;',
  ),
  hazards(
    'UA-22',
    'the destination is named as the register waited for',
    "wait.add('raw', producer.id, register)",
    "wait.add('raw', producer.id, head.static.writes)",
  ),
  hazards(
    'UA-22',
    'the phase of the access waited for does not hold',
    'addPhase(producer, scene.cycle, wait);',
    '',
  ),
  hazards(
    'UA-22',
    'without forwarding a result can be read in its WB',
    'writeBackCycle < cycle ? cycle : cycle + 1',
    'writeBackCycle <= cycle ? cycle : cycle + 1',
  ),
  hazards(
    'UA-22',
    'without forwarding the one that will be written last is named',
    'writeBackCycle < cycle ? cycle : cycle + 1',
    'writeBackCycle + 1',
  ),
  hazards(
    'UA-22',
    'with forwarding an access that is not in MEM hides behind others',
    'memoryCycle <= cycle ? writeBackCycle : cycle + 1',
    'writeBackCycle',
  ),
  hazards(
    'UA-21',
    'a blocking machine forwards a cycle late',
    'return issueCycle + writer.cost.executeCycles;',
    'return issueCycle + writer.cost.executeCycles + 1;',
  ),
  hazards(
    'UA-21',
    'a blocking machine forwards what is loaded from EX',
    'if (!readsMemory(writer)) return',
    'return',
  ),
  hazards(
    'UA-21',
    'a blocking machine forwards always',
    'if (!machine.pipeline.forwarding) return',
    'if (machine.pipeline.forwarding && cycle < 0) return',
  ),
  hazards(
    'UA-24',
    'WAW lets go a cycle early',
    'writer.writeBackCycle <= scene.cycle + 1',
    'writer.writeBackCycle <= scene.cycle + 2',
  ),
  hazards(
    'UA-24',
    'WAW lets go a cycle late',
    'writer.writeBackCycle <= scene.cycle + 1',
    'writer.writeBackCycle <= scene.cycle',
  ),
  hazards(
    'UA-33',
    'WAW names no register',
    "wait.add('waw', writer.id, writes)",
    "wait.add('waw', writer.id)",
  ),
  hazards(
    'UA-16',
    'WAW holds up a chain',
    'const writer = scene.writers[writes];\n  if (!writer || isChained(scene, head, writes)) return;',
    'const writer = scene.writers[writes];\n  if (!writer) return;',
  ),
  hazards(
    'UA-16',
    'RAW holds up a chain',
    'if (!writer || isChained(scene, head, read)) continue;',
    'if (!writer) continue;',
  ),
  hazards(
    'UA-16',
    'WAR holds up a chain',
    '!isTileRegister(writes) || isChained(scene, head, writes)',
    '!isTileRegister(writes)',
  ),
  hazards(
    'UA-16',
    'a chain needs no source at all',
    'return chain !== undefined && register === head.static.accumulates;',
    'return chain !== undefined;',
  ),
  hazards(
    'UA-16',
    'sums leave the array always',
    'accumulates < 0 || !scene.machine.mxu.accumulatorForwarding',
    'accumulates < 0 || scene.cycle >= 0',
  ),
  hazards(
    'UA-16',
    'sums stay inside the array of every machine',
    'accumulates < 0 || !scene.machine.mxu.accumulatorForwarding',
    'accumulates < 0',
  ),
  hazards(
    'UA-16',
    'a sum that another unit computes is chained to',
    'if (writer?.static.unit !== unit) return undefined;',
    'if (!writer) return undefined;',
  ),
  hazards(
    'UA-16',
    'a sum that is not pending is chained to',
    'return resultCycle(scene, writer) > scene.cycle ? writer : undefined;',
    'return writer;',
  ),
  hazards(
    'UA-16',
    'a sum that comes in the next cycle is not chained to',
    'resultCycle(scene, writer) > scene.cycle',
    'resultCycle(scene, writer) > scene.cycle + 1',
  ),
  hazards(
    'UA-25',
    'scalar registers are read for as long as tiles',
    '!isTileRegister(writes) || isChained(scene, head, writes)',
    'writes < 0 || isChained(scene, head, writes)',
  ),
  hazards(
    'UA-25',
    'of equals the youngest reader is named',
    'earlier.readEndCycle <= last ||',
    'earlier.readEndCycle <= scene.cycle || earlier.readEndCycle < last ||',
  ),
  hazards(
    'UA-25',
    'the first reader is named, not the last to let go',
    'last = earlier.readEndCycle;',
    'last = Infinity;',
  ),
  hazards(
    'UA-25',
    'tiles are read for one cycle more',
    'earlier.readEndCycle <= last ||',
    'earlier.readEndCycle < last ||',
  ),
  hazards(
    'UA-25',
    'tiles are read for as long as their unit is closed',
    'earlier.readEndCycle <= last ||',
    'earlier.openCycle <= last ||',
  ),
];
