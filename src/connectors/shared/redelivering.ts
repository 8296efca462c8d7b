import type { SpoutClass } from "../../component/component-schema.ts";
import type { Outputs } from "../../component/outputs.ts";
import { replaying } from "../../component/replaying.ts";

/** A server that is away for minutes is asked for as long, and not more often than this. */
const BACKOFF = { firstMs: 100, factor: 2, maxMs: 2_000, jitter: 0.2 } as const;

/**
 * A source whose server keeps what is not done, and hands it out again after a crash, in whatever order. What fails
 * is emitted again for ever: who wants it given up says how often it is tried, or where its dead letter goes.
 *
 * @throws EngineError REPLAY_BAD_OPTION
 */
export function redelivering(source: SpoutClass<Outputs, []>, given: object | undefined): SpoutClass<Outputs, []> {
  const { backoff: pauses = {}, ...replay } = (given ?? {}) as { backoff?: unknown; deadLetter?: unknown };
  const backoff = typeof pauses === "object" && pauses !== null ? { ...BACKOFF, ...pauses } : pauses;
  const retries = replay.deadLetter === undefined ? { retries: Number.POSITIVE_INFINITY } : {};
  return replaying(source as never, { ...retries, ...replay, backoff, redelivers: true } as never) as never;
}
