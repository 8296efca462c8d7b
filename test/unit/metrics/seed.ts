import type { TestContext } from "node:test";

/** The seed of a random test: told with its result, and taken back by SEED. */
export function seedOf(t: TestContext): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
  t.diagnostic(`SEED=${seed}`);
  return seed;
}
