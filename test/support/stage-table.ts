/** Pipeline diagrams as text: `2: IF ID raw*3 EX*2 MEM WB` is an instruction fetched in cycle 2. */
import type { Cause } from '../../src/timing/causes.ts';
import type { TimingEvent } from '../../src/timing/events.ts';

/** What each cycle of an instruction's way shows: a stage, or the cause for which it waits. */
interface Row {
  readonly start: number;
  readonly cells: string[];
}

/** Rows of a diagram in program order, one for each dynamic instruction. */
export function stageTable(events: readonly TimingEvent[]): string[] {
  const rows: Row[] = [];
  const put = (id: number, cycle: number, cell: string) => {
    const { start, cells } = rows[id]!;
    cells[cycle - start] = cell;
  };
  // The cycle in which an instruction enters a stage shows the stage, whatever is charged to it.
  const putIfFree = (id: number, cycle: number, cell: string) => {
    const { start, cells } = rows[id]!;
    cells[cycle - start] ??= cell;
  };
  for (const event of events) {
    if (event.kind === 'fetch') rows[event.id] = { start: event.cycle, cells: ['IF'] };
    if (event.kind === 'stage') put(event.id, event.cycle, event.stage);
    if (event.kind === 'issue') put(event.id, event.cycle, 'EX');
    if (event.kind === 'charge' && isHazard(event.cause)) {
      for (let c = 0; c < event.cycles; c++) putIfFree(event.id, event.cycle + c, event.cause);
    }
  }
  return rows.map(({ start, cells }) => `${start}: ${foldRuns(fillGaps(cells)).join(' ')}`);
}

function isHazard(cause: Cause): boolean {
  return /^(raw|war|waw|structural|memory)/.test(cause);
}

/** A cycle in which nothing was noted shows the stage before it. */
function fillGaps(cells: readonly string[]): string[] {
  const filled: string[] = [];
  for (let i = 0; i < cells.length; i++) filled.push(cells[i] ?? filled[i - 1]!);
  return filled;
}

function foldRuns(cells: readonly string[]): string[] {
  const runs: { cell: string; length: number }[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last?.cell === cell) last.length++;
    else runs.push({ cell, length: 1 });
  }
  return runs.map(({ cell, length }) => (length === 1 ? cell : `${cell}*${length}`));
}
