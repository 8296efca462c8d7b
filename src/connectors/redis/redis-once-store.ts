import type { TaskContext } from "../../component/task-context.ts";
import type { OnceAnswer, OnceOperation, OnceSession, OnceStore, OnceTimes } from "../once/once-store.ts";
import { OptionReader } from "../shared/option-reader.ts";
import { type RedisCommand, RedisLink } from "./redis-link.ts";
import { type RedisServerOptions, readServer, SERVER_OPTIONS } from "./server-options.ts";

/** Options of `redisOnceStore`. */
export interface RedisOnceOptions extends RedisServerOptions {
  /**
   * Before each id, in the keys of the store: topologies with another one do not see each other's ids. Default:
   * "{once}:"; the braces keep all keys on one server of a cluster, which the scripts need.
   */
  readonly prefix?: string;
}

/**
 * Carries out a list of operations in order. A key holds "c" when its id is confirmed, or "r", the attempt that has
 * reserved it, and its message; it is gone when the id is free, by the server's clock. Answers: -1 taken, -2 done,
 * -3 noted, and from 0 the milliseconds for which the id is still busy.
 */
const SCRIPT = `
local lease, remember, answers = ARGV[1], ARGV[2], {}
for i, key in ipairs(KEYS) do
  local kind, message, attempt = ARGV[3 * i], ARGV[3 * i + 1], tonumber(ARGV[3 * i + 2])
  local held = redis.call('GET', key)
  local heldAttempt, heldMessage = string.match(held or '', '^r(%d+) (.*)$')
  local isOwn = heldMessage == message
  if kind == 'confirm' then
    if isOwn then redis.call('SET', key, 'c', 'PX', remember) end
    answers[i] = -3
  elseif kind == 'release' then
    if isOwn and tonumber(heldAttempt) == attempt then redis.call('DEL', key) end
    answers[i] = -3
  elseif not held or (isOwn and tonumber(heldAttempt) <= attempt) then
    redis.call('SET', key, string.format('r%d %s', attempt, message), 'PX', lease)
    answers[i] = -1
  elseif held == 'c' then
    answers[i] = -2
  else
    answers[i] = math.max(0, redis.call('PTTL', key))
  end
end
return answers`;

const STATES: Readonly<Record<number, OnceAnswer["state"]>> = { [-1]: "taken", [-2]: "done", [-3]: "noted" };

/**
 * A store in Redis, which all tasks of all processes share. Each batch of operations is one script: nothing comes in
 * between. Leases and confirmations run out by the server's clock.
 *
 * It forgets what Redis forgets: keep it in an append-only file, and give it no limit of memory by which keys are
 * evicted.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 */
export function redisOnceStore(options: RedisOnceOptions = {}): OnceStore {
  const name = "redisOnceStore";
  const read = new OptionReader(name, options, ["prefix", ...SERVER_OPTIONS]);
  const prefix = read.text("prefix", "{once}:");
  const server = readServer(name, read);
  return {
    open: async (context: TaskContext, times: OnceTimes) =>
      new RedisSession(await RedisLink.open(server, context), prefix, times),
  };
}

/** See redisOnceStore. */
class RedisSession implements OnceSession {
  readonly isRemote = true;
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #times: OnceTimes;

  constructor(link: RedisLink, prefix: string, times: OnceTimes) {
    this.#link = link;
    this.#prefix = prefix;
    this.#times = times;
  }

  async apply(operations: readonly OnceOperation[]): Promise<OnceAnswer[]> {
    const { leaseMs, rememberMs } = this.#times;
    const keys = operations.map(({ id }) => `${this.#prefix}${id}`);
    const rest = operations.flatMap(({ kind, message, attempt }) => [kind, message, attempt]);
    const command: RedisCommand = ["EVAL", SCRIPT, keys.length, ...keys, leaseMs, rememberMs, ...rest];
    const operation = { name: "EVAL", key: keys.length === 1 ? keys[0]! : `${keys[0]} and ${keys.length - 1} more` };
    const [reply] = await this.#link.run(operation, [command]);
    const [error, value] = reply!;
    if (error !== null) throw this.#link.failure(operation, error);
    return (value as number[]).map((answer) =>
      answer >= 0 ? { state: "busy", leftMs: answer } : { state: STATES[answer]!, leftMs: 0 },
    );
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}
