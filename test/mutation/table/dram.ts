/** Mistakes in accesses and in DRAM (UA-27 to UA-29, UA-40, UA-46). */
import { mutationsOf } from '../mutation.ts';

const access = mutationsOf('src/timing/memory/access.ts');
const dram = mutationsOf('src/timing/memory/dram.ts');
const undo = mutationsOf('src/timing/memory/undo-map.ts');

export const DRAM = [
  access(
    'UA-40',
    'a block is touched again in the next row',
    'if (blocks.at(-1) !== block) blocks.push(block);',
    'blocks.push(block);',
  ),
  access(
    'UA-40',
    'a block is touched only once',
    'blocks.at(-1) !== block',
    '!blocks.includes(block)',
  ),
  access(
    'UA-40',
    'the block behind a row is touched too',
    '(low + rowBytes - 1) / blockBytes',
    '(low + rowBytes) / blockBytes',
  ),
  access(
    'UA-40',
    'rows lie side by side',
    'address + row * strideBytes',
    'address + row * rowBytes',
  ),
  access(
    'UA-29',
    'an access ends with its last row, though it goes downwards',
    'Math.max(address, last) + rowBytes',
    'last + rowBytes',
  ),
  access(
    'UA-29',
    'an access begins with its first row, though it goes downwards',
    'Math.min(address, last)',
    'address',
  ),
  access(
    'UA-29',
    'an access ends with its first row',
    'Math.max(address, last) + rowBytes',
    'address + rowBytes',
  ),
  access(
    'UA-29',
    'neighbours that touch overlap',
    'a.lowAddress < b.endAddress',
    'a.lowAddress <= b.endAddress',
  ),
  access(
    'UA-29',
    'neighbours that touch overlap from the other side',
    'b.lowAddress < a.endAddress',
    'b.lowAddress <= a.endAddress',
  ),
  access(
    'UA-29',
    'only the start of an access can overlap',
    ' && b.lowAddress < a.endAddress',
    ' && b.lowAddress <= a.lowAddress',
  ),
  access(
    'UA-46',
    'the phase begins a cycle late',
    'cycle < requestCycle ||',
    'cycle <= requestCycle ||',
  ),
  access('UA-46', 'the phase ends a cycle late', 'cycle >= doneCycle)', 'cycle > doneCycle)'),
  access(
    'UA-46',
    'the transfer begins a cycle early',
    'cycle >= doneCycle - transferCycles',
    'cycle >= doneCycle - transferCycles - 1',
  ),
  access(
    'UA-46',
    'the transfer begins a cycle late',
    'cycle >= doneCycle - transferCycles',
    'cycle > doneCycle - transferCycles',
  ),
  access(
    'UA-46',
    'a miss is charged as latency',
    "misses ? 'memory.miss'",
    "!misses ? 'memory.miss'",
  ),
  dram(
    'UA-40',
    'a burst that is not full is faster',
    'Math.ceil(memory.burstBytes / memory.bytesPerCycle)',
    'Math.max(1, Math.floor(memory.burstBytes / memory.bytesPerCycle))',
  ),
  dram(
    'UA-40',
    'every burst opens its row',
    'row === openRow ? 0 : rowMissCycles',
    'rowMissCycles',
  ),
  dram('UA-40', 'rows are always open', 'row === openRow ? 0 : rowMissCycles', '0'),
  dram(
    'UA-40',
    'the first row of a bank is open',
    '{ openRow: -1, readyCycle: 0',
    '{ openRow: 0, readyCycle: 0',
  ),
  dram(
    'UA-40',
    'a row is opened while its bank is not ready',
    'Math.max(cycle, readyCycle) + opening',
    'Math.max(cycle + opening, readyCycle)',
  ),
  dram(
    'UA-40',
    'banks are always ready',
    'Math.max(cycle, readyCycle) + opening',
    'cycle + opening',
  ),
  dram(
    'UA-40',
    'a bank is ready when its data are there',
    'readyCycle: startCycle + burstCycles',
    'readyCycle: startCycle + latencyCycles',
  ),
  dram(
    'UA-40',
    'a bank is ready a cycle early',
    'readyCycle: startCycle + burstCycles',
    'readyCycle: startCycle + burstCycles - 1',
  ),
  dram('UA-40', 'the row stays as it is', 'openRow: row, readyCycle', 'openRow, readyCycle'),
  dram(
    'UA-40',
    'data come a cycle late',
    'startCycle + latencyCycles,',
    'startCycle + latencyCycles + 1,',
  ),
  dram(
    'UA-40',
    'there is a bus for every burst',
    'Math.max(startCycle + latencyCycles, this.busFreeCycle)',
    'startCycle + latencyCycles',
  ),
  dram(
    'UA-40',
    'the bus is free a cycle early',
    'this.busFreeCycle = dataCycle + burstCycles;\n    return this.busFreeCycle;',
    'this.busFreeCycle = dataCycle + burstCycles - 1;\n    return dataCycle + burstCycles;',
  ),
  dram(
    'UA-40',
    'banks take turns by burst',
    'Math.floor((burst * burstBytes) / rowBytes) % banks',
    'burst % banks',
  ),
  dram('UA-40', 'there is one bank', '/ rowBytes) % banks', '/ rowBytes) % 1'),
  dram(
    'UA-40',
    'a row goes through all banks',
    'Math.floor((burst * burstBytes) / (rowBytes * banks))',
    'Math.floor((burst * burstBytes) / rowBytes)',
    'Within a bank this numbers the same rows, one to one.',
  ),
  dram('UA-27', 'a trial keeps the bus', 'this.busFreeCycle = this.busFreeBefore;', ''),
  dram('UA-27', 'a trial keeps the banks', 'this.banks.undo();', ''),
  dram(
    'UA-27',
    'a request never ends the one before',
    'this.busFreeBefore = this.busFreeCycle;',
    '',
  ),
  dram(
    'UA-27',
    'the bound on the end of an access is too late',
    'return start + bursts * this.burstCycles;',
    'return start + bursts * this.burstCycles + 1;',
  ),
  undo(
    'UA-27',
    'a trial takes back to the last change, not to the first',
    'if (!this.before.has(key)) this.before',
    'this.before',
  ),
];
