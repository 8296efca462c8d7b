import type { RedisArgument, RedisCommand, RedisReply } from "./redis-link.ts";

/**
 * The commands of a batch of rows. What rows write to one key in the same way is one command: Redis takes many values
 * as quickly as few commands.
 *
 * Names are in lower case: that is how the library looks them up.
 */
export class CommandBatch {
  readonly #commands: [string, ...RedisArgument[]][] = [];
  /** By name and key: the place of a command that takes more. */
  readonly #growing = new Map<string, number>();
  /** By row: the first of its commands, and the place behind the last. */
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];
  #first = 0;
  #end = 0;

  get commands(): readonly RedisCommand[] {
    return this.#commands;
  }

  /** The commands that are added from now on are those of the next row. */
  beginRow(): void {
    this.#first = this.#end = this.#commands.length;
  }

  endRow(): void {
    this.#firsts.push(this.#first);
    this.#ends.push(this.#end);
  }

  /** A command of its own. */
  add(command: [string, ...RedisArgument[]]): void {
    this.#commands.push(command);
    this.#end = this.#commands.length;
  }

  /** Two values of a row for a command that takes those of several: with a key before them all, or without. */
  addPair(name: string, key: string | null, one: RedisArgument, other: RedisArgument): void {
    this.#growingOne(name, key).push(one, other);
  }

  /** The same for one value. */
  addOne(name: string, key: string, value: RedisArgument): void {
    this.#growingOne(name, key).push(value);
  }

  /** The command that the server refused of a row, and why; null when it has carried out all. */
  refusalOf(row: number, replies: readonly RedisReply[]): { command: RedisCommand; error: Error } | null {
    for (let at = this.#firsts[row]!; at < this.#ends[row]!; at++) {
      const [error] = replies[at]!;
      if (error !== null) return { command: this.#commands[at]!, error };
    }
    return null;
  }

  #growingOne(name: string, key: string | null): RedisArgument[] {
    const place = key === null ? name : `${name} ${key}`;
    let at = this.#growing.get(place);
    if (at === undefined) {
      at = this.#commands.length;
      this.#growing.set(place, at);
      this.#commands.push(key === null ? [name] : [name, key]);
    }
    this.#first = at;
    this.#end = at + 1;
    return this.#commands[at]!;
  }
}
