/** Sources whose messages have extreme shapes, each with a bolt on another thread: what gets there is measured. */
import { fileSpout } from "../../../../src/connectors/files/index.ts";
import { kafkaSpout } from "../../../../src/connectors/kafka/index.ts";
import { redisListSpout, redisStreamSpout } from "../../../../src/connectors/redis/index.ts";
import { basicBolt, defineTopology, fields } from "../../../../src/index.ts";

const Text = fields("text:string?");
export const Measured = fields("chars:int32", "beginning:string");

export interface ExtremesOptions {
  readonly source: "list" | "read" | "stream" | "lines" | "kafka";
  readonly port?: number;
  readonly brokers?: readonly string[];
  readonly path?: string;
  readonly group?: string;
  /** In place of the default. */
  readonly bytesMax?: number;
}

/** All of them have the same streams. */
type Source = ReturnType<typeof redisListSpout<typeof Text, "dead", "bad">>;

const REPLAY = { retries: 0, deadLetter: "dead" } as const;
const COMMON = { badMessages: "bad", replay: REPLAY } as const;

function sourceOf({ source, port = 0, brokers = [], path = "", bytesMax, group = "g" }: ExtremesOptions) {
  const messageBytesMax = bytesMax === undefined ? {} : { messageBytesMax: bytesMax };
  const redis = { ...COMMON, ...messageBytesMax, port, key: "in" };
  if (source === "list") return redisListSpout({ ...redis, fields: Text });
  if (source === "stream") return redisStreamSpout({ ...redis, group: "g", fields: Text });
  if (source === "read") {
    // What is written by hand: it quotes what it refuses, and now and then gives what the fields do not have.
    const read = ({ text }: { text: string }): [string] => {
      if (text.startsWith("refused")) throw new Error(`refused: ${text}`);
      if (text.startsWith("number")) return [7 as unknown as string];
      if (text.startsWith("nothing")) return undefined as unknown as [string];
      return [text.startsWith("grows") ? text.repeat(10_000) : text];
    };
    return redisListSpout({ ...redis, fields: Text, read });
  }
  if (source === "lines") {
    const lineBytesMax = bytesMax === undefined ? {} : { lineBytesMax: bytesMax };
    return fileSpout({
      ...COMMON,
      ...lineBytesMax,
      paths: path,
      format: "csv",
      csv: { header: false },
      fields: Text,
    });
  }
  const map = ({ value }: { value: string | null }) => ({ text: value });
  return kafkaSpout({ ...COMMON, ...messageBytesMax, brokers, topics: "extremes", group, fields: Text, map });
}

export const extremes = defineTopology(import.meta.url, (builder, options: ExtremesOptions) => {
  const source = builder.setSpout("source", sourceOf(options) as Source);
  const measure = basicBolt({
    input: Text,
    output: Measured,
    execute({ text }, collector) {
      if (text?.startsWith("fails")) throw new Error(`no ${text}`);
      collector.emit([text?.length ?? -1, text?.slice(0, 20) ?? "null"]);
    },
  });
  const measured = builder.setBolt("measure", measure).shuffleGrouping(source);
  return {
    measured: builder.output(measured),
    bad: builder.output(source.stream("bad")),
    dead: builder.output(source.stream("dead")),
  };
});
