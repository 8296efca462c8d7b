/** Topologies that read from Redis and write to it: what is taken from "in" comes to be in the set "seen". */
import {
  type RedisServerOptions,
  redisListSpout,
  redisLookupBolt,
  redisStoreBolt,
  redisStreamSpout,
} from "../../../../src/connectors/redis/index.ts";
import {
  basicBolt,
  defineTopology,
  fields,
  fromIterable,
  type ReplayOptions,
  replaying,
} from "../../../../src/index.ts";

export const Message = fields("message:string");

export interface RelayOptions {
  readonly port: number;
  readonly kind: "list" | "stream" | "rows";
  /** Of rows, where these are the source. */
  readonly rows?: number;
  readonly password?: string;
  readonly host?: string;
  /** How the server is reached, beyond the above. */
  readonly server?: RedisServerOptions;
  readonly claimIdleMs?: number;
  /** Every so many messages fail at their first attempt. */
  readonly failEvery?: number;
  /** Messages are held, and neither acked nor failed. */
  readonly holds?: boolean;
}

const REPLAY: ReplayOptions<typeof Message> = { retries: 1000, backoff: { firstMs: 20, maxMs: 500 } };
const SOON = { operationTimeoutMs: 1500, connectTimeoutMs: 3000 };

const serverOf = ({ port, host = "127.0.0.1", password, server }: RelayOptions): RedisServerOptions => ({
  ...SOON,
  ...(server?.url === undefined ? { host, port } : {}),
  ...(password === undefined ? {} : { password }),
  ...server,
});

function sourceOf(options: RelayOptions) {
  const { kind, rows = 0, claimIdleMs = 60_000 } = options;
  const server = serverOf(options);
  if (kind === "list") return redisListSpout({ ...server, key: "in", fields: Message, replay: REPLAY });
  if (kind === "stream") {
    const group = { group: "relay", claimIdleMs };
    return redisStreamSpout({ ...server, ...group, key: "in", fields: Message, replay: REPLAY });
  }
  const all = function* (): Generator<[string]> {
    for (let n = 0; n < rows; n++) yield [String(n)];
  };
  return replaying(fromIterable(Message, all), REPLAY);
}

export const relay = defineTopology(import.meta.url, (builder, options: RelayOptions) => {
  const { failEvery = 0, holds = false } = options;
  const check = basicBolt({
    input: Message,
    output: Message,
    async execute({ message, $ }, collector) {
      if (holds) await new Promise(() => {});
      if (failEvery > 0 && Number(message) % failEvery === 0 && $.attempt === 1) throw new Error("once more");
      collector.emit([message]);
    },
    concurrency: 1000,
  });
  const store = redisStoreBolt({
    ...serverOf(options),
    input: Message,
    write: { kind: "set", key: () => "seen", value: "message" },
  });
  builder.setSpout("source", sourceOf(options));
  builder.setBolt("check", check).shuffleGrouping("source");
  builder.setBolt("store", store).shuffleGrouping("check");
});

export const Asked = fields("key:string");
export const Answered = fields("key:string", "answer:string");

/** Looks up a text for each key; what is of another type fails its row alone. */
export const lookups = defineTopology(import.meta.url, (builder, options: { port: number; keys: string[] }) => {
  const asked = builder.setSpout(
    "asked",
    replaying(
      fromIterable(Asked, () => options.keys.map((key): [string] => [key])),
      { retries: 0, deadLetter: "dead" },
    ),
  );
  const answered = builder
    .setBolt(
      "lookup",
      redisLookupBolt({
        port: options.port,
        input: Asked,
        output: Answered,
        read: { kind: "string", key: "key" },
        rows: ({ key }, found) => (found === null ? [] : [[key, found]]),
        batchRows: 16,
      }),
    )
    .shuffleGrouping(asked);
  return { answered: builder.output(answered), dead: builder.output(asked.stream("dead")) };
});

export const Order = fields("id:int32", "sku:string");

/** A list of orders as JSON, some of which cannot be read. */
export const orders = defineTopology(import.meta.url, (builder, options: { port: number }) => {
  const source = redisListSpout({
    port: options.port,
    key: "orders",
    fields: Order,
    badMessages: "bad",
    messageBytesMax: 100,
    replay: { retries: 1, deadLetter: "dead", backoff: { firstMs: 1 } },
  });
  const spout = builder.setSpout("orders", source);
  const check = basicBolt({
    input: Order,
    output: Order,
    execute({ id, sku }, collector) {
      if (sku === "never") throw new Error(`no ${sku}`);
      collector.emit([id, sku]);
    },
  });
  const checked = builder.setBolt("check", check).shuffleGrouping(spout);
  return {
    orders: builder.output(checked),
    bad: builder.output(spout.stream("bad")),
    dead: builder.output(spout.stream("dead")),
  };
});
