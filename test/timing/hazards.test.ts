/** Each hazard in a program in which it is the binding one, with the diagram worked out by hand. */
import { describe, expect, it } from 'vitest';
import { assembleFixture, recordRun } from '../support/run.ts';

interface Case {
  readonly program: string;
  readonly machine: string;
  readonly rules: string;
  /** The largest cause of lost slots. */
  readonly binding: string;
  readonly diagram: readonly string[];
}

// Costs on all three machines: a FILL, COPY or ADD of 2×2 takes 2 cycles in EX (UA-13: one group,
// depth 2), a MATMUL of 2×2 takes 2·16 + 16 + 2 − 2 = 48 (UA-12), a LOAD or STORE of 16 bytes
// 1 in EX and 12 + 1 in MEM, one of 1024 bytes 12 + 16 (UA-14, UA-40, UA-41: bursts of 64 bytes).
const CASES: readonly Case[] = [
  {
    program: 'raw',
    machine: 'classic5',
    rules: 'UA-20, UA-21, UA-22',
    binding: 'raw',
    diagram: [
      '0: IF ID EX MEM*13 WB',
      '1: IF ID raw*14 EX*2 MEM WB',
      '2: IF*15 ID raw*3 EX MEM*13 WB',
      '17: IF*4 ID EX*13 MEM WB',
    ],
  },
  {
    program: 'raw',
    machine: 'classic5-fwd',
    rules: 'UA-21: forwarding hands the tile over at the end of MEM and of EX',
    binding: 'raw',
    diagram: [
      '0: IF ID EX MEM*13 WB',
      '1: IF ID raw*13 EX*2 MEM WB',
      '2: IF*14 ID raw EX MEM*13 WB',
      '16: IF*2 ID EX*13 MEM WB',
    ],
  },
  {
    program: 'waw',
    machine: 'multicycle',
    rules: 'UA-24',
    binding: 'waw',
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID EX*2 MEM WB',
      '2: IF ID EX*2 MEM WB',
      '3: IF ID EX*48 MEM WB',
      '4: IF ID waw*47 EX*2 MEM WB',
      '5: IF*48 ID raw EX MEM*13 WB',
      '53: IF*2 ID EX MEM WB',
    ],
  },
  {
    program: 'war',
    machine: 'multicycle',
    rules: 'UA-10, UA-25',
    binding: 'war',
    diagram: [
      '0: IF ID EX MEM*13 WB',
      '1: IF ID EX MEM*13 WB',
      '2: IF ID raw*13 EX*48 MEM WB',
      '3: IF*14 ID war*47 EX MEM*13 WB',
      '17: IF*48 ID EX MEM WB',
    ],
  },
  {
    program: 'control',
    machine: 'classic5',
    rules: 'UA-5, UA-6',
    binding: 'control',
    diagram: [
      '0: IF ID EX MEM WB',
      '1: IF ID EX MEM WB',
      '2: IF ID raw EX MEM WB',
      '3: IF*2 ID EX MEM WB',
      '5: IF ID EX MEM WB',
      '6: IF ID EX MEM WB',
      '9: IF ID EX MEM WB',
      '10: IF ID EX MEM WB',
      '11: IF ID EX MEM WB',
      '12: IF ID EX MEM WB',
      '15: IF ID EX MEM WB',
      '16: IF ID EX MEM WB',
      '17: IF ID EX MEM WB',
      '18: IF ID EX MEM WB',
      '21: IF ID EX MEM WB',
    ],
  },
  {
    program: 'structural-unit',
    machine: 'multicycle',
    rules: 'UA-10, UA-12, UA-26',
    binding: 'structural.mxu',
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID EX*2 MEM WB',
      '2: IF ID raw EX*48 MEM WB',
      '3: IF*2 ID structural.mxu*47 EX*48 MEM WB',
      '5: IF*48 ID EX MEM WB',
    ],
  },
  {
    program: 'structural-port',
    machine: 'multicycle',
    rules: 'UA-27',
    binding: 'structural.port',
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID structural.port EX MEM WB',
      '2: IF*2 ID EX*2 MEM WB',
      '4: IF ID structural.port EX MEM WB',
      '5: IF*2 ID EX*2 MEM WB',
      '7: IF ID structural.port EX MEM WB',
      '8: IF*2 ID EX MEM WB',
    ],
  },
  {
    program: 'structural-queue',
    machine: 'multicycle',
    rules: 'UA-28',
    binding: 'structural.queue',
    diagram: [
      '0: IF ID EX MEM*13 WB',
      '1: IF ID EX MEM*13 WB',
      '2: IF ID EX MEM*13 WB',
      '3: IF ID EX MEM*13 WB',
      '4: IF ID structural.queue*10 EX MEM*13 WB',
      '5: IF*11 ID EX MEM WB',
    ],
  },
  {
    program: 'memory-latency',
    machine: 'classic5',
    rules: 'UA-14, UA-20, UA-23, UA-46',
    binding: 'memory.latency',
    diagram: [
      '0: IF ID EX MEM*13 WB',
      '1: IF ID EX*13 MEM WB',
      '2: IF ID structural.vec memory.latency*10 memory.bandwidth EX*2 MEM WB',
      '3: IF*13 ID structural.vec EX MEM WB',
    ],
  },
  {
    program: 'memory-bandwidth',
    machine: 'multicycle',
    rules: 'UA-41, UA-28',
    binding: 'memory.bandwidth',
    diagram: [
      '0: IF ID EX MEM*28 WB',
      '1: IF ID memory.bandwidth*15 EX MEM*28 WB',
      '2: IF*16 ID EX MEM WB',
    ],
  },
  {
    program: 'memory-order',
    machine: 'multicycle',
    rules: 'UA-29',
    binding: 'memory.order',
    diagram: [
      '0: IF ID EX*2 MEM WB',
      '1: IF ID raw EX MEM*13 WB',
      '2: IF*2 ID memory.order*13 EX MEM*13 WB',
      '4: IF*14 ID EX MEM WB',
    ],
  },
];

describe('hazard programs', () => {
  for (const { program, machine, rules, binding, diagram } of CASES) {
    it(`${program} on ${machine}: ${binding} binds (${rules})`, () => {
      const run = recordRun(assembleFixture(`programs/hazards/${program}.lasm`), machine);
      expect(run.diagram).toEqual(diagram);
      const lost = Object.entries(run.charges).filter(
        ([cause]) => !['issue', 'fill', 'drain'].includes(cause),
      );
      const largest = lost.reduce((a, b) => (b[1] > a[1] ? b : a));
      expect(largest[0]).toBe(binding);
      expect(run.expectations.filter((e) => e.status === 'failed')).toEqual([]);
      expect(run.expectations.some((e) => /cycles/.test(e.text))).toBe(true);
    });
  }
});
