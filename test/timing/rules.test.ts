/** Small programs for single rules, with the diagram worked out by hand. */
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { causesIn } from '../../src/timing/causes.ts';
import { assembleText, machineNamed, recordRun } from '../support/run.ts';

/** Changes of a preset, one level deep. */
type Changes = { readonly [K in keyof Machine]?: Partial<Machine[K]> };

function changed(preset: string, changes: Changes = {}): Machine {
  const machine = machineNamed(preset);
  const groups = Object.entries(changes).map(([key, value]) => {
    const before = machine[key as keyof Machine];
    return [key, { ...(before as object), ...(value as object) }];
  });
  return { ...machine, ...Object.fromEntries(groups) } as Machine;
}

interface Case {
  readonly rule: string;
  readonly machine: Machine;
  readonly lines: string;
  readonly diagram: readonly string[];
  /** All waits, where they say more than the diagram: cause, who, for whom, all causes that hold. */
  readonly charges?: readonly (readonly [
    cause: string,
    id: number,
    producer: number,
    all: string,
  ])[];
}

const classic5 = changed('classic5');
const forwarding = changed('classic5-fwd');
const multicycle = changed('multicycle');

// A scalar instruction takes 1 cycle in EX, a FILL 2 (UA-13: one group, depth 2).
const BRANCH = (b: number) => `LI r1, 1\nBEQ r1, ${b}, there\nLI r2, 2\nthere: HALT\nLI r3, 3`;

const FETCHING: readonly Case[] = [
  {
    rule: 'UA-6: a branch that is not taken costs nothing with branch: "not-taken"',
    machine: forwarding,
    lines: BRANCH(2),
    diagram: [
      '0: IF ID EX MEM WB',
      '1: IF ID EX MEM WB',
      '2: IF ID EX MEM WB',
      '3: IF ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-6: behind a taken branch the next instruction is fetched when it leaves EX',
    machine: forwarding,
    lines: BRANCH(1),
    diagram: ['0: IF ID EX MEM WB', '1: IF ID EX MEM WB', '4: IF ID EX MEM WB'],
    // UA-31, UA-33: the successor waits for the branch, from behind its issue to its own ID.
    charges: [['control', 2, 1, 'control']],
  },
  {
    rule: 'UA-6: with branch: "stall" fetching waits for a branch that is not taken too',
    machine: classic5,
    lines: BRANCH(2),
    diagram: [
      '0: IF ID EX MEM WB',
      '1: IF ID raw*2 EX MEM WB',
      '6: IF ID EX MEM WB',
      '7: IF ID EX MEM WB',
    ],
    charges: [
      ['raw', 1, 0, 'raw'],
      ['control', 2, 1, 'control'],
    ],
  },
  {
    rule: 'UA-6: JAL and JR go elsewhere, and are waited for',
    machine: forwarding,
    lines: 'JAL r31, there\nHALT\nthere: JR r31',
    diagram: ['0: IF ID EX MEM WB', '3: IF ID EX MEM WB', '6: IF ID EX MEM WB'],
    charges: [
      ['control', 1, 0, 'control'],
      ['control', 2, 1, 'control'],
    ],
  },
  {
    rule: 'UA-6: a jump to the next address is not waited for with branch: "not-taken"',
    machine: forwarding,
    lines: 'JAL r31, next\nnext: HALT',
    diagram: ['0: IF ID EX MEM WB', '1: IF ID EX MEM WB'],
  },
  {
    rule: 'UA-6: a jump to the next address is waited for with branch: "stall"',
    machine: classic5,
    lines: 'JAL r31, next\nnext: HALT',
    diagram: ['0: IF ID EX MEM WB', '3: IF ID EX MEM WB'],
    charges: [['control', 1, 0, 'control']],
  },
  {
    rule: 'UA-6, UA-11: a branch is resolved at the end of its executeCycles',
    machine: changed('multicycle', { alu: { latencyCycles: 3, intervalCycles: 2 } }),
    lines: 'JAL r31, there\nthere2: HALT\nthere: BEQ r0, 0, there2',
    diagram: ['0: IF ID EX*3 MEM WB', '5: IF ID EX*3 MEM WB', '10: IF ID EX*3 MEM WB'],
    charges: [
      ['control', 1, 0, 'control'],
      ['control', 2, 1, 'control'],
    ],
  },
  {
    rule: 'UA-3, UA-5: IF and ID hold one instruction each, so waiting backs up',
    machine: forwarding,
    lines: 'FILL t0, 0, rows=1, cols=1\nFILL t1, 0, rows=1, cols=1\nLI r1, 1\nHALT',
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID structural.vec EX*2 MEM WB',
      '2: IF*2 ID structural.vec EX MEM WB',
      '4: IF*2 ID EX MEM WB',
    ],
    charges: [
      ['structural.vec', 1, 0, 'structural.vec'],
      ['structural.vec', 2, 1, 'structural.vec'],
    ],
  },
];

// A MATMUL of 2×2 on an array of 2×2 takes 2·2 + 2 + 2 − 2 = 6 cycles (UA-12).
const SMALL = { rows: 2, columns: 2 };
const CHAIN = (line: string) =>
  `FILL t0, 0, rows=2, cols=2\nFILL t1, 0, rows=2, cols=2\nMATMUL t2, t0, t1\n${line}\nHALT`;
const late = (mxu: Partial<Machine['mxu']>) =>
  changed('multicycle', { pipeline: { forwarding: false }, mxu: { ...SMALL, ...mxu } });
const BEHIND_FILLS = ['0: IF ID EX*2 MEM WB', '1: IF ID EX*2 MEM WB'];

const CHAINING: readonly Case[] = [
  {
    rule: 'UA-16: a chained MATMUL.ACC waits for the array, not for the sum',
    machine: late({ accumulatorForwarding: true }),
    lines: CHAIN('MATMUL.ACC t2, t0, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*6 MEM WB',
      '3: IF*4 ID structural.mxu*5 EX*6 MEM WB',
      '7: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['structural.mxu', 3, 2, 'structural.mxu'],
    ],
  },
  {
    rule: 'UA-16, UA-21: without accumulatorForwarding it waits until the sum is written back',
    machine: late({ accumulatorForwarding: false }),
    lines: CHAIN('MATMUL.ACC t2, t0, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*6 MEM WB',
      '3: IF*4 ID raw*7 EX*6 MEM WB',
      '7: IF*8 ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-16: not chained when the accumulator is a factor too',
    machine: late({ accumulatorForwarding: true }),
    lines: CHAIN('MATMUL.ACC t2, t2, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*6 MEM WB',
      '3: IF*4 ID raw*7 EX*6 MEM WB',
      '7: IF*8 ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-16: not chained to a result that another unit computes',
    machine: late({ accumulatorForwarding: true }),
    lines: CHAIN('ADD t3, t0, t1\nMATMUL.ACC t3, t0, t1').replace('MATMUL t2, t0, t1\n', ''),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*2 MEM WB',
      '3: IF*4 ID raw*3 EX*6 MEM WB',
      '7: IF*4 ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-16, UA-26: a chained instruction needs the unit that holds its sum, though one is open',
    machine: late({ accumulatorForwarding: true, count: 2 }),
    lines: CHAIN('MATMUL.ACC t2, t0, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*6 MEM WB',
      '3: IF*4 ID structural.mxu*5 EX*6 MEM WB',
      '7: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['structural.mxu', 3, 2, 'structural.mxu'],
    ],
  },
  {
    rule: 'UA-16, UA-25: a chain of three: the sum that is read is no reason to wait either',
    machine: late({ accumulatorForwarding: true }),
    lines: CHAIN('MATMUL.ACC t2, t0, t1\nMATMUL.ACC t2, t0, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*6 MEM WB',
      '3: IF*4 ID structural.mxu*5 EX*6 MEM WB',
      '7: IF*6 ID structural.mxu*5 EX*6 MEM WB',
      '13: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['structural.mxu', 3, 2, 'structural.mxu'],
      ['structural.mxu', 4, 3, 'structural.mxu'],
    ],
  },
  {
    rule: 'UA-16, UA-21: a sum that is no longer pending binds nobody to its unit',
    machine: changed('multicycle', { pipeline: { writePorts: 4 }, mxu: { ...SMALL, count: 2 } }),
    // The sum is out in cycle 11, in which another product takes its unit.
    lines: CHAIN(
      'LI r1, 1\nLI r1, 2\nLI r1, 3\nLI r1, 4\nLI r1, 5\nMATMUL t3, t0, t1\nMATMUL.ACC t2, t0, t1',
    ),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw EX*6 MEM WB',
      '3: IF*2 ID EX MEM WB',
      '5: IF ID EX MEM WB',
      '6: IF ID EX MEM WB',
      '7: IF ID EX MEM WB',
      '8: IF ID EX MEM WB',
      '9: IF ID EX*6 MEM WB',
      '10: IF ID EX*6 MEM WB',
      '11: IF ID EX MEM WB',
    ],
    charges: [['raw', 2, 1, 'raw']],
  },
  {
    rule: 'UA-26: an independent product takes the second unit at once',
    machine: late({ accumulatorForwarding: true, count: 2 }),
    lines: CHAIN('MATMUL t3, t0, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw*3 EX*6 MEM WB',
      '3: IF*4 ID EX*6 MEM WB',
      '7: IF ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-16, UA-23: on a blocking machine the chain leaves EX as the only reason',
    machine: changed('classic5-fwd', { mxu: { ...SMALL } }),
    lines: CHAIN('MATMUL.ACC t2, t0, t1'),
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID structural.vec EX*2 MEM WB',
      '2: IF*2 ID raw EX*6 MEM WB',
      '4: IF*2 ID structural.mxu*5 EX*6 MEM WB',
      '6: IF*6 ID structural.mxu*5 EX MEM WB',
    ],
    charges: [
      ['structural.vec', 1, 0, 'structural.vec'],
      ['raw', 2, 1, 'raw structural.vec'],
      ['structural.mxu', 3, 2, 'structural.mxu'],
      ['structural.mxu', 4, 3, 'structural.mxu'],
    ],
  },
  {
    rule: 'UA-22, UA-30: and without it RAW is charged first',
    machine: changed('classic5-fwd', { mxu: { ...SMALL, accumulatorForwarding: false } }),
    lines: CHAIN('MATMUL.ACC t2, t0, t1'),
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID structural.vec EX*2 MEM WB',
      '2: IF*2 ID raw EX*6 MEM WB',
      '4: IF*2 ID raw*5 EX*6 MEM WB',
      '6: IF*6 ID structural.mxu*5 EX MEM WB',
    ],
    charges: [
      ['structural.vec', 1, 0, 'structural.vec'],
      ['raw', 2, 1, 'raw structural.vec'],
      ['raw', 3, 2, 'raw structural.mxu'],
      ['structural.mxu', 4, 3, 'structural.mxu'],
    ],
  },
];

const FILL = (t: number) => `FILL t${t}, 0, rows=1, cols=1`;
const DATA = '.data\nM: .f32 2, 4 = zeros()\nN: .f32 2, 4 = zeros()\n.show M\n.show N\n.text\n';
/** Bursts of a row of M or N, one in each cycle on the bus. */
const narrow = (memory: Partial<Machine['memory']> = {}) =>
  changed('multicycle', { memory: { burstBytes: 16, bytesPerCycle: 16, ...memory } });
/** Columns of M and N: two rows of 4 bytes, 16 bytes apart, are 2 such bursts (UA-40). */
const COLUMN = 'rows=2, cols=1, stride=16';

const RESOURCES: readonly Case[] = [
  {
    rule: 'UA-26: with two units the third instruction waits for the one that opens first',
    machine: changed('multicycle', { vec: { count: 2, depthCycles: 4, intervalCycles: 4 } }),
    lines: `${FILL(0)}\n${FILL(1)}\n${FILL(2)}\nHALT`,
    diagram: [
      '0: IF ID EX*4 MEM WB',
      '1: IF ID EX*4 MEM WB',
      '2: IF ID structural.vec*2 EX*4 MEM WB',
      '3: IF*3 ID EX MEM WB',
    ],
    charges: [['structural.vec', 2, 0, 'structural.vec']],
  },
  {
    rule: 'UA-26: of two units that open together the occupant of the older one is named',
    machine: changed('multicycle', {
      pipeline: { writePorts: 2 },
      vec: { count: 2, lanes: 1, depthCycles: 5, intervalCycles: 5 },
    }),
    // Two elements close a unit for 10 cycles, from cycle 2; one for 5, from cycle 7 behind LIs.
    lines: `FILL t0, 0, rows=2, cols=1\nLI r1, 1\nLI r1, 2\nLI r1, 3\nLI r1, 4\n${FILL(1)}\n${FILL(2)}\nHALT`,
    diagram: [
      '0: IF ID EX*10 MEM WB',
      '1: IF ID EX MEM WB',
      '2: IF ID EX MEM WB',
      '3: IF ID EX MEM WB',
      '4: IF ID EX MEM WB',
      '5: IF ID EX*5 MEM WB',
      '6: IF ID structural.vec*4 EX*5 MEM WB',
      '7: IF*5 ID EX MEM WB',
    ],
    charges: [['structural.vec', 6, 0, 'structural.vec']],
  },
  {
    rule: 'UA-27: with two write ports the third result of a cycle waits, for the youngest',
    machine: changed('multicycle', {
      pipeline: { writePorts: 2 },
      sfu: { depthCycles: 3, intervalCycles: 1 },
    }),
    lines: `${FILL(0)}\nLI r1, 1\nEXP t1, t0\n${FILL(2)}\nLI r2, 2\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID EX MEM WB',
      '2: IF ID EX*3 MEM WB',
      '3: IF ID EX*2 MEM WB',
      '4: IF ID structural.port EX MEM WB',
      '5: IF*2 ID EX MEM WB',
    ],
    charges: [['structural.port', 4, 3, 'structural.port']],
  },
  {
    rule: 'UA-27: what writes no register takes no port',
    machine: changed('multicycle', { memory: { latencyCycles: 1 } }),
    // STORE and LI are both in WB in cycle 7.
    lines: `${DATA}${FILL(0)}\nSTORE [M], t0\nLI r1, 1\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID raw EX MEM*2 WB',
      '2: IF*2 ID EX MEM WB',
      '4: IF ID EX MEM WB',
    ],
    charges: [['raw', 1, 0, 'raw']],
  },
  {
    rule: 'UA-27: what writes no register needs no port',
    machine: multicycle,
    lines: `${FILL(0)}\nBEQ r0, 1, end\nend: HALT`,
    diagram: ['0: IF ID EX*2 MEM WB', '1: IF ID EX MEM WB', '2: IF ID EX MEM WB'],
  },
  {
    rule: 'UA-10, UA-25: scalar registers are read at issue, and free from then on',
    machine: narrow(),
    // The STORE reads its tile for two cycles, its address for none.
    lines: `${DATA}LI r1, 0\nFILL t0, 0, rows=2, cols=1\nSTORE [M + r1], t0, stride=16\nLI r1, 1\nHALT`,
    diagram: [
      '0: IF ID EX MEM WB',
      '1: IF ID EX*2 MEM WB',
      '2: IF ID raw EX MEM*14 WB',
      '3: IF*2 ID EX MEM WB',
      '5: IF ID EX MEM WB',
    ],
    charges: [['raw', 2, 1, 'raw']],
  },
  {
    rule: 'UA-28, UA-30: a full queue comes before a bus that is busy as well',
    machine: narrow({ requestsInFlight: 1, bytesPerCycle: 8 }),
    // 32 bytes are 2 bursts of 2 cycles on the bus, and 12 + 4 cycles in MEM.
    lines: `${DATA}LOAD t0, [M]\nLOAD t1, [N]\nHALT`,
    diagram: [
      '0: IF ID EX MEM*16 WB',
      '1: IF ID structural.queue*16 EX MEM*16 WB',
      '2: IF*17 ID EX MEM WB',
    ],
    charges: [
      ['structural.queue', 1, 0, 'structural.queue memory.bandwidth'],
      ['structural.queue', 1, 0, 'structural.queue'],
    ],
  },
  {
    rule: 'UA-28: with two requests the third access waits for the oldest, a STORE like any other',
    machine: changed('multicycle', { memory: { requestsInFlight: 2 } }),
    lines: `${DATA}FILL t2, 0, rows=2, cols=4\nLOAD t0, [M]\nLOAD t1, [N]\nSTORE [M], t2\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID EX MEM*13 WB',
      '2: IF ID EX MEM*13 WB',
      '3: IF ID structural.queue*12 EX MEM*13 WB',
      '4: IF*13 ID EX MEM WB',
    ],
    charges: [['structural.queue', 3, 1, 'structural.queue']],
  },
  {
    rule: 'UA-29, UA-30: holes between rows count, and the bus comes before the order',
    machine: narrow(),
    lines: `${DATA}FILL t0, 0, rows=2, cols=1\nSTORE [M], t0\nLOAD t1, [M + 8], ${COLUMN}\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID raw EX MEM*14 WB',
      '2: IF*2 ID memory.bandwidth memory.order*13 EX MEM*14 WB',
      '4: IF*15 ID EX MEM WB',
    ],
    charges: [
      ['raw', 1, 0, 'raw'],
      ['memory.bandwidth', 2, 1, 'memory.bandwidth memory.order'],
      ['memory.order', 2, 1, 'memory.order'],
    ],
  },
  {
    rule: 'UA-29: a load from elsewhere overtakes the store',
    machine: narrow(),
    lines: `${DATA}FILL t0, 0, rows=2, cols=1\nSTORE [M], t0\nLOAD t1, [N], ${COLUMN}\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID raw EX MEM*14 WB',
      '2: IF*2 ID memory.bandwidth EX MEM*14 WB',
      '4: IF*2 ID EX MEM WB',
    ],
    charges: [
      ['raw', 1, 0, 'raw'],
      ['memory.bandwidth', 2, 1, 'memory.bandwidth'],
    ],
  },
  {
    rule: 'UA-29: nor does a load wait for a load, or a store for a store',
    machine: multicycle,
    lines: `${DATA}FILL t2, 0, rows=2, cols=4\nLOAD t0, [M]\nLOAD t1, [M]\nSTORE [M], t2\nSTORE [M], t2\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID EX MEM*13 WB',
      '2: IF ID EX MEM*13 WB',
      '3: IF ID EX MEM*13 WB',
      '4: IF ID EX MEM*13 WB',
      '5: IF ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-29: neighbours that touch do not overlap',
    machine: multicycle,
    lines: `${DATA}${FILL(0)}\nSTORE [M + 4], t0\nLOAD t1, [M + 8], rows=1, cols=1\nLOAD t2, [M], rows=1, cols=1\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID raw EX MEM*13 WB',
      '2: IF*2 ID EX MEM*13 WB',
      '4: IF ID EX MEM*13 WB',
      '5: IF ID EX MEM WB',
    ],
  },
  {
    rule: 'UA-29: a store behind a load of the same bytes does not wait',
    machine: multicycle,
    lines: `${DATA}${FILL(0)}\nLOAD t1, [M]\nSTORE [M], t0\nHALT`,
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID EX MEM*13 WB',
      '2: IF ID EX MEM*13 WB',
      '3: IF ID EX MEM WB',
    ],
  },
];

const PRIORITIES: readonly Case[] = [
  {
    rule: 'UA-30: RAW, WAR and a closed unit in the same cycles: RAW is charged, all are kept',
    machine: changed('multicycle', { mxu: SMALL }),
    lines: CHAIN('MATMUL t0, t2, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw EX*6 MEM WB',
      '3: IF*2 ID raw*5 EX*6 MEM WB',
      '5: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['raw', 3, 2, 'raw war structural.mxu'],
    ],
  },
  {
    rule: 'UA-30: RAW, WAW and a closed unit',
    machine: changed('multicycle', { mxu: SMALL }),
    lines: CHAIN('MATMUL t2, t2, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw EX*6 MEM WB',
      '3: IF*2 ID raw*5 EX*6 MEM WB',
      '5: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['raw', 3, 2, 'raw waw structural.mxu'],
    ],
  },
  {
    rule: 'UA-30: WAW before WAR',
    machine: changed('multicycle', { pipeline: { writePorts: 2 }, mxu: SMALL }),
    lines: CHAIN('FILL t0, 0, rows=2, cols=2').replace('MATMUL t2', 'MATMUL t0'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw EX*6 MEM WB',
      '3: IF*2 ID waw*5 EX*2 MEM WB',
      '5: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['waw', 3, 2, 'waw war'],
    ],
  },
  {
    rule: 'UA-30: a closed unit before a taken port',
    machine: changed('multicycle', {
      alu: { latencyCycles: 2, intervalCycles: 2 },
      vec: { depthCycles: 4 },
    }),
    lines: `${FILL(0)}\nLI r1, 1\nLI r2, 2\nHALT`,
    diagram: [
      '0: IF ID EX*4 MEM WB',
      '1: IF ID EX*2 MEM WB',
      '2: IF ID structural.alu EX*2 MEM WB',
      '3: IF*2 ID structural.alu EX*2 MEM WB',
    ],
    charges: [
      ['structural.alu', 2, 1, 'structural.alu structural.port'],
      ['structural.alu', 3, 2, 'structural.alu'],
    ],
  },
  {
    rule: 'UA-30: WAR before a closed unit',
    machine: changed('multicycle', { mxu: SMALL }),
    lines: CHAIN('MATMUL t0, t1, t1'),
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw EX*6 MEM WB',
      '3: IF*2 ID war*5 EX*6 MEM WB',
      '5: IF*6 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['war', 3, 2, 'war structural.mxu'],
    ],
  },
  {
    rule: 'UA-22: the result that is pending longest is named, of equals the first source',
    machine: multicycle,
    lines: `${FILL(0)}\n${FILL(1)}\nADD t2, t1, t0\nADD t3, t2, t2\nHALT`,
    diagram: [
      ...BEHIND_FILLS,
      '2: IF ID raw EX*2 MEM WB',
      '3: IF*2 ID raw EX*2 MEM WB',
      '5: IF*2 ID EX MEM WB',
    ],
    charges: [
      ['raw', 2, 1, 'raw'],
      ['raw', 3, 2, 'raw'],
    ],
  },
];

const PLAIN = ['issue', 'fill', 'drain'];

function check({ machine, lines, diagram, charges }: Case): void {
  const run = recordRun(assembleText(lines), machine);
  expect(run.diagram).toEqual(diagram);
  const waits = run.events.flatMap((event) =>
    event.kind !== 'charge' || PLAIN.includes(event.cause)
      ? []
      : [[event.cause, event.id, event.producer, causesIn(event.causes).join(' ')]],
  );
  if (charges) expect(waits).toEqual(charges);
}

const GROUPS = { FETCHING, CHAINING, RESOURCES, PRIORITIES };

for (const [name, cases] of Object.entries(GROUPS)) {
  describe(name.toLowerCase(), () => {
    for (const one of cases) {
      it(one.rule, () => {
        check(one);
      });
    }
  });
}
