/** How reports name the instructions of a program: by line, and by file too where there are several. */
import type { ListingLine } from '../timing/events.ts';
import type { Place } from './report.ts';

type Located = Pick<Place, 'file' | 'line'>;

/** `line 14`, or `heads.lasm:14` when the places of a program lie in several files. */
export function nameLines(places: readonly Located[]): (place: Located) => string {
  const hasManyFiles = new Set(places.map((place) => place.file)).size > 1;
  return ({ file, line }) => (hasManyFiles ? `${file}:${line}` : `line ${line}`);
}

export class Names {
  readonly listing: readonly ListingLine[];
  readonly #where: (place: Located) => string;
  readonly #sites: readonly number[];
  /** What is lost in a wait: `cycle`, or `slot` where a cycle has several. */
  readonly slotNoun: 'cycle' | 'slot';

  constructor(listing: readonly ListingLine[], issueWidth = 1) {
    this.listing = listing;
    this.slotNoun = issueWidth === 1 ? 'cycle' : 'slot';
    this.#where = nameLines(listing);
    this.#sites = sitesOf(listing);
  }

  /**
   * The first code address that a person would call by the same name: a repeated or expanded line
   * gives many instructions, but `line 14 MATMUL t4` of one part of the model is one place.
   */
  site(pc: number): number {
    return this.#sites[pc] ?? pc;
  }

  place(pc: number): Place {
    const { file, line, text } = this.line(pc);
    return { pc, file, line, text };
  }

  /** Throws when the log speaks of an instruction that its listing lacks. */
  line(pc: number): ListingLine {
    const line = this.listing[pc];
    if (!line) throw new Error(`invariant: no instruction has code address ${pc}`);
    return line;
  }

  /** `line 14 MATMUL t4`: as much of the text as tells which result is meant. */
  subject(pc: number): string {
    const line = this.line(pc);
    return `${this.#where(line)} ${shortText(line)}`;
  }
}

/** `MATMUL t4` of `MATMUL t4, t1, t2`. */
function shortText({ text }: ListingLine): string {
  return text.split(',')[0]!;
}

function sitesOf(listing: readonly ListingLine[]): number[] {
  const first = new Map<string, number>();
  return listing.map((line, pc) => {
    const key = `${line.line} ${shortText(line)} ${line.part} ${line.file}`;
    if (!first.has(key)) first.set(key, pc);
    return first.get(key)!;
  });
}
