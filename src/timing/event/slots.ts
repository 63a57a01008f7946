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
    this.items.copyWithin(0, count, this.length);
    this.length -= count;
  }

  removeAt(index: number): void {
    this.items.copyWithin(index, index + 1, this.length);
    this.length--;
  }

  remove(slot: number): void {
    const index = this.items.indexOf(slot);
    if (index < 0 || index >= this.length) throw new Error(`invariant: slot ${slot} is not listed`);
    this.removeAt(index);
  }
}
