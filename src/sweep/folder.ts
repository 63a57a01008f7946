/** The folder of a sweep: its plan, and a file for each finished point; it belongs to one sweep alone. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine/machine.ts';
import { hashText } from '../program/hash.ts';
import { machineHash } from '../run/machines.ts';
import type { Outcome } from './cost.ts';
import type { Value } from './keys.ts';
import type { Plan, Point } from './plan.ts';
import { axesJson, fileNameOf } from './plan.ts';
import { SweepError } from './problem.ts';

/** What is run: everything that decides cycles besides the machine. */
export interface Subject {
  readonly name: string;
  readonly kind: 'program' | 'model';
  /** Changes with its text, data and weights. */
  readonly hash: string;
  /** Options that decide what is executed, and limits. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface SweepJson {
  readonly schema: 'lasm-sweep/1';
  /** The same for, and only for, sweeps of which every point is the same. */
  readonly id: string;
  readonly lasm: string;
  readonly subject: Subject;
  readonly keys: readonly {
    readonly key: string;
    readonly values: readonly Value[];
    readonly hashes?: readonly string[];
  }[];
  readonly points: number;
  readonly impossible: readonly { readonly values: readonly Value[]; readonly problem: string }[];
  readonly machine: Machine;
}

/** The plan as `sweep.json` has it. */
export function sweepJson(plan: Plan, subject: Subject, lasm: string): SweepJson {
  const keys = axesJson(plan);
  const { base, impossible, points } = plan;
  const decides = [lasm, subject, keys, machineHash(base), impossible.map(({ values }) => values)];
  const id = hashText(JSON.stringify(decides));
  return {
    schema: 'lasm-sweep/1',
    id,
    lasm,
    subject,
    keys,
    points: points.length,
    impossible,
    machine: base,
  };
}

/** What is known of a finished point. */
export interface PointResult {
  readonly schema: 'lasm-sweep-point/1';
  /** The id of the sweep. */
  readonly sweep: string;
  readonly point: number;
  readonly values: Readonly<Record<string, Value>>;
  /** The program that was run; null where there is none for this machine. */
  readonly program: { readonly hash: string; readonly tile: number } | null;
  readonly machine: Machine;
  readonly outcome: Outcome;
}

/** Writes a file as a whole or not at all, and never over one that begins otherwise. */
export type Write = (path: string, text: string, magic: string) => void;

const PLAN_FILE = 'sweep.json';
const PLAN_MAGIC = '{\n  "schema": "lasm-sweep/';
const POINTS = 'points';
const POINT_MAGIC = '{\n  "schema": "lasm-sweep-point/';

/** One folder, and what it may hold. */
export class SweepFolder {
  readonly path: string;
  readonly #plan: Plan;
  readonly #json: SweepJson;
  readonly #write: Write;

  constructor(path: string, plan: Plan, json: SweepJson, write: Write) {
    this.path = path;
    this.#plan = plan;
    this.#json = json;
    this.#write = write;
  }

  /** Makes the folder this sweep's; throws a SweepError, and changes nothing, if it is another's. */
  claim(): void {
    if (this.belongs()) return;
    try {
      mkdirSync(join(this.path, POINTS), { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SweepError('folder', `${this.path}: cannot be made: ${reason}`);
    }
    this.#write(join(this.path, PLAN_FILE), textOf(this.#json), PLAN_MAGIC);
  }

  /** Whether it is this sweep's already; throws a SweepError if it is another's. */
  belongs(): boolean {
    const file = join(this.path, PLAN_FILE);
    if (existsSync(this.path) && !statSync(this.path).isDirectory()) {
      throw new SweepError('folder', `${this.path}: is no folder`);
    }
    if (!existsSync(file)) return false;
    const found = readJson(file) as Partial<SweepJson> | undefined;
    if (found?.schema !== this.#json.schema) {
      throw new SweepError(
        'folder',
        `${file}: is not the plan of a sweep`,
        'choose another folder',
      );
    }
    if (found.id === this.#json.id) return true;
    const what = differences(found, this.#json).join(', ') || 'something';
    const message = `${this.path}: belongs to another sweep: ${what} differs; nothing was written`;
    throw new SweepError('folder', message, 'choose another folder for this one');
  }

  /** The result of a point; undefined when it is not there. */
  read({ index, values }: Point): PointResult | undefined {
    const file = this.#fileOf(values);
    if (!existsSync(file)) return undefined;
    const found = readJson(file) as Partial<PointResult> | undefined;
    const isOwn =
      found?.schema === 'lasm-sweep-point/1' &&
      found.sweep === this.#json.id &&
      found.point === index;
    if (isOwn) return found as PointResult;
    throw new SweepError('folder', `${file}: is not a point of this sweep`, 'remove it');
  }

  write({ values }: Point, result: PointResult): void {
    this.#write(this.#fileOf(values), textOf(result), POINT_MAGIC);
  }

  /** A file that sums the sweep up. */
  writeSummary(name: string, text: string, magic: string): void {
    this.#write(join(this.path, name), text, magic);
  }

  #fileOf(values: readonly Value[]): string {
    return join(this.path, POINTS, fileNameOf(this.#plan.axes, values));
  }
}

export function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** In words, what tells two sweeps apart. */
function differences(found: Partial<SweepJson>, wanted: SweepJson): string[] {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const parts: readonly (readonly [string, (json: Partial<SweepJson>) => unknown])[] = [
    [`the ${wanted.subject.kind}`, ({ subject }) => [subject?.name, subject?.hash]],
    ['an option', ({ subject }) => subject?.options],
    ['the base machine', ({ machine }) => machine],
    ['what is varied', ({ keys, points }) => [keys, points]],
    ['the version of lasm', ({ lasm }) => lasm],
  ];
  return parts.filter(([, part]) => !same(part(found), part(wanted))).map(([name]) => name);
}
