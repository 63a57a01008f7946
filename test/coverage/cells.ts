/** Cells of coverage: why an instruction of one unit waits for one of another, and how far apart they are. */
import { INSTRUCTIONS } from '../../isa/index.ts';
import type { InstructionDefinition } from '../../isa/instruction.ts';
import type { OperandSpec } from '../../isa/operand.ts';
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { Cause } from '../../src/timing/causes.ts';
import { CAUSES } from '../../src/timing/causes.ts';

/** From the one that waits back to the one it waits for; `later` is one behind it in program order. */
export const DISTANCES = ['1', '2', '3', '4+', 'later'] as const;
export type Distance = (typeof DISTANCES)[number];

export interface Cell {
  readonly cause: Cause;
  readonly producer: Unit;
  readonly consumer: Unit;
  readonly distance: Distance;
}

/** The distance class of a number of instructions. */
export function distanceOf(instructions: number): Distance {
  if (instructions < 1) return 'later';
  return instructions < 4 ? DISTANCES[instructions - 1]! : '4+';
}

export function keyOf({ cause, producer, consumer, distance }: Cell): string {
  return `${cause} ${producer} ${consumer} ${distance}`;
}

/** Causes for which an instruction waits for another one. */
export const WAITS = CAUSES.filter((cause) => !['issue', 'fill', 'drain'].includes(cause));

export const CELLS: readonly Cell[] = WAITS.flatMap((cause) =>
  UNITS.flatMap((producer) =>
    UNITS.flatMap((consumer) =>
      DISTANCES.map((distance) => ({ cause, producer, consumer, distance })),
    ),
  ),
);

type Registers = 'tile' | 'scalar';

function registersOf({ kind }: OperandSpec): Registers | undefined {
  if (kind === 'tile') return 'tile';
  return kind === 'scalar' || kind === 'integer' || kind === 'address' ? 'scalar' : undefined;
}

/** Passes of cracked instructions (UA-7) run on both of these. */
const ELEMENT_UNITS: readonly Unit[] = ['vec', 'sfu'];

/** What writes a scalar has one pass, on its own unit. */
function runsOn({ unit: own, writesTile }: InstructionDefinition, unit: Unit): boolean {
  return own === unit || (writesTile && [own, unit].every((one) => ELEMENT_UNITS.includes(one)));
}

/** The kinds of register that instructions on a unit read or write. */
function registersFor(unit: Unit, access: 'read' | 'write'): Set<Registers> {
  const specs = INSTRUCTIONS.filter((one) => runsOn(one, unit)).flatMap(({ operands }) => operands);
  const kinds = specs.filter((spec) => spec.access === access).map(registersOf);
  return new Set(kinds.filter((kind) => kind !== undefined));
}

type ByUnit = Readonly<Record<Unit, ReadonlySet<Registers>>>;

function byUnit(access: 'read' | 'write'): ByUnit {
  const of = (unit: Unit) => registersFor(unit, access);
  return { alu: of('alu'), mxu: of('mxu'), vec: of('vec'), sfu: of('sfu'), dma: of('dma') };
}

const READS = byUnit('read');
const WRITES = byUnit('write');

const meet = (a: ReadonlySet<Registers>, b: ReadonlySet<Registers>) => [...a].some((k) => b.has(k));

/** Why a cell cannot occur on any machine; undefined when it can. */
export function reasonAgainst(cell: Cell): string | undefined {
  const { cause, producer, consumer, distance } = cell;
  const isLater = distance === 'later';
  const areAccesses = producer === 'dma' && consumer === 'dma';
  switch (cause) {
    case 'control':
      if (producer !== 'alu') return 'branches and jumps run on alu';
      return distance === '1' ? undefined : 'the successor of the branch waits (UA-33)';
    case 'raw':
      if (isLater) return 'who writes a source is earlier';
      return meet(WRITES[producer], READS[consumer]) ? undefined : 'no register is shared';
    case 'waw':
      if (isLater) return 'the other writer is earlier';
      return meet(WRITES[producer], WRITES[consumer]) ? undefined : 'no register is shared';
    case 'war':
      return reasonAgainstWar(cell);
    case 'structural.port':
      if (isLater) return 'an instruction that has issued in order is earlier';
      return producer === 'alu' && consumer === 'alu'
        ? 'all scalar work takes as long, and issues one by one'
        : undefined;
    case 'structural.queue':
      if (!isLater || areAccesses) return undefined;
      return 'the reorder buffer and the stations name an earlier one (UA-60)';
    case 'structural.bank':
      return areAccesses ? undefined : 'only accesses wait for a bank';
    case 'memory.order':
      if (!areAccesses) return 'only accesses have an order';
      return isLater ? 'the other access is earlier' : undefined;
    case 'memory.latency':
    case 'memory.miss':
      return reasonAgainstMemory(cell);
    case 'memory.bandwidth':
      return areAccesses ? undefined : reasonAgainstMemory(cell);
    case 'structural.dma':
      if (!areAccesses) return 'an address takes one cycle in EX, and only accesses run on dma';
      return isLater ? 'units are reserved in program order (UA-50)' : undefined;
    default:
      return reasonAgainstUnit(cell);
  }
}

/** UA-25, UA-53. */
function reasonAgainstWar({ producer, consumer, distance }: Cell): string | undefined {
  if (distance === 'later') return 'who reads the old value is earlier';
  if (!READS[producer].has('tile')) {
    return 'until a scalar is read its reader is in RO, and takes the slot (UA-32, UA-52)';
  }
  if (WRITES[consumer].has('tile')) return undefined;
  if (!READS[consumer].has('tile')) return 'no tile is shared';
  return distance === '1' ? 'the one that is held is between the two (UA-53)' : undefined;
}

/** UA-26, UA-50; UA-23. */
function reasonAgainstUnit({ cause, producer, consumer, distance }: Cell): string | undefined {
  if (cause !== `structural.${producer}`) return 'the unit is that of who occupies it';
  if (producer === consumer || distance === '1') return undefined;
  return 'in EX is the instruction before (UA-23); others wait for their own unit';
}

/** UA-23: charged first only where MEM holds EX up; elsewhere the phase goes along with RAW. */
function reasonAgainstMemory({ producer, distance }: Cell): string | undefined {
  if (producer !== 'dma') return 'only accesses have a phase';
  return distance === '2' ? undefined : 'the access is in MEM, before the one in EX (UA-23)';
}
