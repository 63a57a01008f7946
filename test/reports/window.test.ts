/** The window forgets retired instructions only. */
import { describe, expect, it } from 'vitest';
import { Window } from '../../src/reports/window.ts';
import type { IssueEvent } from '../../src/timing/events.ts';

const issue = (id: number, cycle: number): IssueEvent => ({
  ...{ kind: 'issue', id, cycle, unit: 'alu', latencyCycles: 7, occupancyCycles: 3 },
  ...{ macs: 0, bytes: 0 },
});

describe('the window', () => {
  it('remembers an instruction in flight however many come behind it', () => {
    const window = new Window();
    const count = 100_000;
    for (let id = 0; id < count; id++) {
      window.fetch({ kind: 'fetch', cycle: id, id, pc: id % 17 });
      window.issue(issue(id, id + 2));
      if (id > 0) window.retire(id);
    }
    expect(window.next).toBe(count);
    expect([window.pc(0), window.issueCycle(0), window.latencyCycles(0)]).toEqual([0, 2, 7]);
    expect(window.pc(count - 1)).toBe((count - 1) % 17);
    expect(window.occupancyCycles(count - 1)).toBe(3);
  });

  it('forgets retired ones, and never the latest thousand', () => {
    const window = new Window();
    for (let id = 0; id < 5000; id++) {
      window.fetch({ kind: 'fetch', cycle: id, id, pc: 0 });
      window.retire(id);
    }
    expect(window.has(0)).toBe(false);
    expect(window.has(4000)).toBe(true);
    expect(window.has(5000)).toBe(false);
    expect(() => window.pc(0)).toThrow('invariant: instruction #0 is not in the window');
  });

  it('insists on ids without gaps', () => {
    expect(() => new Window().fetch({ kind: 'fetch', cycle: 0, id: 1, pc: 0 })).toThrow('#0');
  });
});
