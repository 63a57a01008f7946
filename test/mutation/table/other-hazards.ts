/** Mistakes in EX, ports, memory order and priority of the in-order machines (UA-20, UA-23, UA-27, UA-29, UA-30). */
import { mutationsOf } from '../mutation.ts';

const hazards = mutationsOf('src/timing/hazards.ts');

export const OTHER_HAZARDS = [
  hazards(
    'UA-20',
    'a blocking machine does not wait for sources',
    '= [findRaw, findExecuteBusy]',
    '= [findExecuteBusy]',
  ),
  hazards(
    'UA-23',
    'a blocking machine does not wait for EX',
    '= [findRaw, findExecuteBusy]',
    '= [findRaw]',
  ),
  hazards(
    'UA-30',
    'a closed EX is charged before RAW',
    '= [findRaw, findExecuteBusy]',
    '= [findExecuteBusy, findRaw]',
  ),
  hazards(
    'UA-30',
    'WAW is charged before RAW',
    '  findRaw,\n  findWaw,\n',
    '  findWaw,\n  findRaw,\n',
  ),
  hazards(
    'UA-30',
    'WAR is charged before WAW',
    '  findWaw,\n  findWar,\n',
    '  findWar,\n  findWaw,\n',
  ),
  hazards(
    'UA-30',
    'a closed unit is charged before WAR',
    '  findWar,\n  findUnitBusy,\n',
    '  findUnitBusy,\n  findWar,\n',
  ),
  hazards(
    'UA-30',
    'a taken port is charged before a closed unit',
    '  findUnitBusy,\n  findPortTaken,\n',
    '  findPortTaken,\n  findUnitBusy,\n',
  ),
  hazards(
    'UA-30',
    'a full queue is charged before a taken port',
    '  findPortTaken,\n  findQueueFull,\n',
    '  findQueueFull,\n  findPortTaken,\n',
  ),
  hazards(
    'UA-30',
    'a busy bank is charged before a full queue',
    '  findQueueFull,\n  findBankBusy,\n',
    '  findBankBusy,\n  findQueueFull,\n',
  ),
  hazards(
    'UA-30',
    'a busy bus is charged before a busy bank',
    '  findBankBusy,\n  findBusBusy,\n  findMemoryOrder,\n];',
    '  findBusBusy,\n  findBankBusy,\n  findMemoryOrder,\n];',
    'By UA-28 a bank is waited for only when the bus is not: never both.',
  ),
  hazards(
    'UA-30',
    'memory order is charged before a busy bus',
    '  findBusBusy,\n  findMemoryOrder,\n',
    '  findMemoryOrder,\n  findBusBusy,\n',
  ),
  hazards(
    'UA-27',
    'there are ports for all',
    '  findPortTaken,\n  findQueueFull,\n',
    '  findQueueFull,\n',
  ),
  hazards(
    'UA-29',
    'a read overtakes a write of the same bytes',
    '  findBusBusy,\n  findMemoryOrder,\n];',
    '  findBusBusy,\n];',
  ),
  hazards(
    'UA-27',
    'an instruction without a result needs a port',
    'head.static.writes < 0 || !may',
    '!may',
  ),
  hazards(
    'UA-27',
    'an instruction without a result takes a port',
    'earlier.static.writes < 0 || earlier.writeBackCycle !== writeBackCycle',
    'earlier.writeBackCycle !== writeBackCycle',
  ),
  hazards(
    'UA-27',
    'there is one port more',
    'taken >= scene.machine.pipeline.writePorts',
    'taken > scene.machine.pipeline.writePorts',
  ),
  hazards('UA-27', 'there is one port', 'taken >= scene.machine.pipeline.writePorts', 'taken >= 1'),
  hazards(
    'UA-27',
    'the oldest that takes a port is named',
    'youngest = earlier;',
    'youngest ??= earlier;',
  ),
  hazards(
    'UA-27',
    'ports are asked for in the cycle before WB',
    'doneCycle : memoryCycle + 1;\n}\n\n/** UA-29',
    'doneCycle : memoryCycle;\n}\n\n/** UA-29',
  ),
  hazards(
    'UA-27',
    'accesses take the port of the earliest cycle they could be done in',
    'memory.tryRequest(request, id, memoryCycle).doneCycle',
    'memory.earliestDoneCycle(request, memoryCycle)',
  ),
  hazards(
    'UA-27',
    'memory is asked even when nobody writes so late',
    '|| !mayMeetWriter(scene, head)',
    '',
    'mayMeetWriter only saves time: it is false only when no writer could be in WB in that cycle.',
  ),
  hazards(
    'UA-29',
    'the oldest write is named',
    "(scene.lifted, 'memory.order', head, earlier)) write = earlier",
    "(scene.lifted, 'memory.order', head, earlier)) write ??= earlier",
  ),
  hazards(
    'UA-29',
    'writes wait for writes',
    '!request || request.isWrite) return',
    '!request) return',
  ),
  hazards('UA-29', 'reads wait for reads', 'other?.isWrite === true &&', 'other !== undefined &&'),
  hazards(
    'UA-29',
    'a read may issue one cycle before the write is in WB',
    'earlier.writeBackCycle > scene.cycle;',
    'earlier.writeBackCycle > scene.cycle + 1;',
  ),
  hazards(
    'UA-29',
    'a read waits for the write to leave WB',
    'earlier.writeBackCycle > scene.cycle;',
    'earlier.writeBackCycle >= scene.cycle;',
  ),
  hazards(
    'UA-23',
    'EX is closed while it is being left',
    'occupant.memoryCycle <= cycle',
    'occupant.memoryCycle < cycle',
  ),
  hazards(
    'UA-23',
    'EX is open a cycle early',
    'occupant.memoryCycle <= cycle',
    'occupant.memoryCycle <= cycle + 1',
  ),
  hazards(
    'UA-23',
    'the unit in EX is blamed for one cycle more',
    'cycle >= occupant.issueCycle + occupant.cost.executeCycles',
    'cycle > occupant.issueCycle + occupant.cost.executeCycles',
  ),
  hazards(
    'UA-23',
    'the occupant of EX is blamed for the access in MEM',
    'wait.add(cause, holder.id);',
    'wait.add(cause, occupant.id);',
  ),
];
