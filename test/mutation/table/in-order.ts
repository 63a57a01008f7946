/** Mistakes in the in-order machines, in units, queue, bank and bus (UA-1, UA-14, UA-16, UA-20, UA-26, UA-28). */
import { mutationsOf } from '../mutation.ts';

const inOrder = mutationsOf('src/timing/in-order.ts');
const structural = mutationsOf('src/timing/structural.ts');
const units = mutationsOf('src/timing/units.ts');

export const IN_ORDER = [
  inOrder('UA-20', 'MEM is left a cycle late', 'const PASS_CYCLES = 1;', 'const PASS_CYCLES = 2;'),
  inOrder(
    'UA-20',
    'two instructions are in the MEM of a blocking machine',
    'Math.max(executed, this.issued.at(-1)?.writeBackCycle ?? 0)',
    'executed',
  ),
  inOrder(
    'UA-20',
    'EX is left when MEM has been empty for a cycle',
    'this.issued.at(-1)?.writeBackCycle ?? 0)',
    '(this.issued.at(-1)?.writeBackCycle ?? -1) + 1)',
  ),
  inOrder(
    'UA-20',
    'instructions wait for MEM on an overlapped machine too',
    'const memoryCycle = blocking',
    'const memoryCycle = blocking || cycle > 0',
  ),
  inOrder(
    'UA-14',
    'memory is asked in the cycle of issue',
    'this.memory.request(request, id, memoryCycle)',
    'this.memory.request(request, id, cycle)',
  ),
  inOrder(
    'UA-20',
    'WB takes two cycles',
    'head.writeBackCycle = head.doneCycle;',
    'head.writeBackCycle = head.doneCycle + 1;',
  ),
  inOrder(
    'UA-1',
    'an instruction retires in the cycle of its WB',
    'if (writeBackCycle >= cycle) continue;',
    'if (writeBackCycle > cycle) continue;',
  ),
  structural(
    'UA-26',
    'the occupant of the next unit is named',
    'wait.add(cause, occupant.id)',
    'wait.add(cause, occupant.id + 1)',
  ),
  structural(
    'UA-26',
    'units of a kind are never closed',
    "unit === 'dma' || units",
    "unit !== 'mxu' || units",
  ),
  structural('UA-26', 'accesses wait for a unit as others do', "unit === 'dma' || units", 'units'),
  structural(
    'UA-28',
    'the youngest access in the queue is named',
    'oldest ??= other;',
    'oldest = other;',
  ),
  structural(
    'UA-28',
    'the queue holds one access more',
    'accesses >= scene.machine.memory.requestsInFlight',
    'accesses > scene.machine.memory.requestsInFlight',
  ),
  structural(
    'UA-28',
    'the queue holds one access less',
    'accesses >= scene.machine.memory.requestsInFlight',
    'accesses >= scene.machine.memory.requestsInFlight - 1',
  ),
  structural(
    'UA-28',
    'an access in WB is still in the queue',
    'other.writeBackCycle <= scene.cycle',
    'other.writeBackCycle < scene.cycle',
  ),
  structural(
    'UA-28',
    'the bank is asked for the cycle of issue',
    'memory.bankHolder(head.request, cycle + 1)',
    'memory.bankHolder(head.request, cycle)',
  ),
  structural(
    'UA-28',
    'bank and bus are waited for at once',
    '!head.request || isBusTaken(units, cycle)) return;\n  const id',
    '!head.request) return;\n  const id',
  ),
  structural('UA-28', 'the bus is free a cycle early', '?? 0) > cycle', '?? 0) > cycle + 1'),
  structural('UA-28', 'the bus is free a cycle late', '?? 0) > cycle', '?? 0) >= cycle'),
  structural(
    'UA-61',
    'the phase names a cause one cycle late',
    'phaseOf(answer, cycle)',
    'phaseOf(answer, cycle - 1)',
  ),
  units(
    'UA-26',
    'the highest-numbered open unit is taken',
    'let instance = 0; instance < occupants.length; instance++',
    'let instance = occupants.length - 1; instance >= 0; instance--',
    'Units of a kind are alike and all open at first: counting from the other end only renames them.',
  ),
  units(
    'UA-26',
    'a unit that was never used is taken first',
    'for (let instance = 0; instance < occupants.length',
    'if (occupants.includes(undefined)) return occupants.indexOf(undefined);\n    for (let instance = 0; instance < occupants.length',
  ),
  units(
    'UA-16',
    'a chain takes any open unit',
    'if (chain) return isOpen(occupants[chain.instance], cycle) ? chain.instance : -1;',
    '',
  ),
  units('UA-16', 'a chain waits for any unit', 'if (chain) return occupants[chain.instance]!;', ''),
  units(
    'UA-26',
    'the occupant of the unit that opens last is named',
    'opensBefore(b!, a!) ? b : a',
    'opensBefore(b!, a!) ? a : b',
  ),
  units('UA-26', 'of equals the youngest occupant is named', '? a.id < b.id :', '? a.id > b.id :'),
  units(
    'UA-26',
    'the oldest occupant is named',
    'a.openCycle === b.openCycle ? a.id < b.id',
    'a.openCycle !== Infinity ? a.id < b.id',
  ),
  units(
    'UA-10',
    'a unit opens a cycle late',
    'occupant.openCycle <= cycle',
    'occupant.openCycle < cycle',
  ),
  units(
    'UA-10',
    'a unit opens a cycle early',
    'occupant.openCycle <= cycle',
    'occupant.openCycle <= cycle + 1',
  ),
];
