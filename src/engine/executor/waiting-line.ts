import type { Link } from "./link.ts";

/**
 * The links that wait for room in one queue or ring, in the order in which they began to wait.
 *
 * Only the first of them may take room that comes free: else short items would take each bit of it, and a long one
 * would wait for ever.
 */
export class WaitingLine {
  readonly #links: Link[] = [];

  get isEmpty(): boolean {
    return this.#links.length === 0;
  }

  /** True when nobody waits, or this link has waited longest. */
  isTurnOf(link: Link): boolean {
    return this.#links.length === 0 || this.#links[0] === link;
  }

  /** Notes how the link's offer ended; it may only have been taken in its turn. */
  note(link: Link, isTaken: boolean): void {
    if (isTaken) this.#links.shift();
    else if (!this.#links.includes(link)) this.#links.push(link);
  }
}
