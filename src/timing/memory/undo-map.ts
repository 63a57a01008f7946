/** A map whose latest changes can be taken back: an access is tried out before it is made. */

/** Values must be immutable, for an old one is put back as it was. */
export class UndoMap<V> {
  private readonly current = new Map<number, V>();
  /** What the keys changed since the last `keep` held before. */
  private readonly before = new Map<number, V | undefined>();

  get(key: number): V | undefined {
    return this.current.get(key);
  }

  set(key: number, value: V): void {
    if (!this.before.has(key)) this.before.set(key, this.current.get(key));
    this.current.set(key, value);
  }

  /** Makes all changes final. */
  keep(): void {
    this.before.clear();
  }

  /** Takes back all changes since the last `keep`. */
  undo(): void {
    for (const [key, value] of this.before) {
      if (value === undefined) this.current.delete(key);
      else this.current.set(key, value);
    }
    this.before.clear();
  }
}
