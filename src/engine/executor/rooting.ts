/** What a tuple that belongs to trees is emitted with. */
export interface Rooting {
  /** Slot, generation, slot, generation, ...: the first `pairCount` pairs, once `begin` has returned. */
  readonly pairs: readonly number[];
  readonly pairCount: number;
  /** Called when the row is known to be good and its targets chosen, before a copy is handed out. Never throws. */
  begin(copies: number): void;
  /** So many of the copies that were begun do not come to be: the emit was broken off. */
  takeBack(copies: number): void;
}
