/** The `.if` … `.else` … `.endif` blocks that are open in one text. */
import type { Range, Word } from './ast.ts';
import { fail } from './mistakes.ts';
import type { SourceText } from './source.ts';

/** A `.if` that is open. */
interface Condition {
  readonly opener: Range;
  /** Whether its lines are read; `never` where `.else` cannot change that. */
  state: 'active' | 'skipped' | 'never';
  hasElse: boolean;
}

export class Conditions {
  private readonly open: Condition[] = [];

  /** Whether lines are skipped here. */
  get skipping(): boolean {
    const condition = this.open.at(-1);
    return condition !== undefined && condition.state !== 'active';
  }

  /** Opens a block, both parts of which are skipped until `decide` is called. */
  begin(opener: Range): void {
    this.open.push({ opener, state: 'never', hasElse: false });
  }

  /** Says which part of the block that was opened last is read. */
  decide(holds: boolean): void {
    this.open.at(-1)!.state = holds ? 'active' : 'skipped';
  }

  /** At `.else`; throws Mistake. */
  turn(source: SourceText, word: Word): void {
    const condition = this.open.at(-1);
    if (!condition) fail('misplaced-directive', source, word, '.else without .if');
    if (condition.hasElse) fail('misplaced-directive', source, word, 'a second .else of one .if');
    condition.hasElse = true;
    if (condition.state === 'never') return;
    condition.state = condition.state === 'active' ? 'skipped' : 'active';
  }

  /** At `.endif`; throws Mistake. */
  end(source: SourceText, word: Word): void {
    if (this.open.pop()) return;
    fail('misplaced-directive', source, word, '.endif without .if');
  }

  /** The blocks that are still open, which are closed thereby. */
  takeOpen(): Range[] {
    return this.open.splice(0).map(({ opener }) => opener);
  }
}
