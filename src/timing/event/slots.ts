/** A list of the pool's slots, in the order in which they came. */
export class SlotList {
  readonly items: Int32Array;
  length = 0;

  constructor(capacity: number) {
    this.items = new Int32Array(capacity);
  }

  push(slot: number): void {
    this.items[this.length++] = slot;
  }

  /** The first slot, or −1. */
  first(): number {
    return this.length > 0 ? this.items[0] : -1;
  }

  removeFirst(count: number): void {
    const { items } = this;
    this.length -= count;
    for (let i = 0; i < this.length; i++) items[i] = items[i + count];
  }

  removeAt(index: number): void {
    const { items } = this;
    this.length--;
    for (let i = index; i < this.length; i++) items[i] = items[i + 1];
  }

  remove(slot: number): void {
    const index = this.items.indexOf(slot);
    if (index < 0 || index >= this.length) throw new Error(`invariant: slot ${slot} is not listed`);
    this.removeAt(index);
  }
}
