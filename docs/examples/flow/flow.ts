import path from "node:path";
import { basicBolt, type ComponentHandle, defineTopology, fields, type TopologyBuilder } from "stormcell";
import { fileBolt, fileSpout } from "stormcell/connectors/files";
import { kafkaBolt, kafkaSpout } from "stormcell/connectors/kafka";
import { redisStoreBolt } from "stormcell/connectors/redis";

/** As they stand in the topic, or in the file that takes its place: JSON, the key is the vehicle. */
export const Position = fields("vehicle:string", "lat:float64", "lon:float64", "kmh:float64", "atMs:float64");
const Cell = fields("cell:string", "vehicle:string", "kmh:float64", "atMs:float64");

export interface FlowOptions {
  /** Where files are written, and stand for the servers that are not there. */
  readonly folder: string;
  readonly kafka: { readonly broker: string; readonly positions: string; readonly fast: string } | null;
  readonly redisPort: number | null;
}

/** Degrees: about a kilometre. */
const CELL_SIZE = 0.01;
const FAST_KMH = 120;

/**
 * Where vehicles are, cell by cell of a grid.
 *
 *     [from_kafka] --> [grid] --> [to_redis]   who was seen last in which cell
 *                        | \----> [to_files]   every position
 *                        \------> [to_kafka]   those that are too fast
 */
export const flow = defineTopology(import.meta.url, (builder, options: FlowOptions) => {
  const grid = builder
    .setBolt("grid", toGrid, { parallelism: "auto" })
    .shuffleGrouping(positionsOf(builder, options));
  const { folder, kafka, redisPort } = options;
  const keep = fileBolt({ input: Cell, folder: path.join(folder, "cells") });
  builder.setBolt("to_files", keep, { parallelism: 2 }).localOrShuffleGrouping(grid.stream("default"));

  const lastSeen =
    redisPort === null
      ? fileBolt({ input: Cell, folder: path.join(folder, "redis") })
      : redisStoreBolt({
          input: Cell,
          port: redisPort,
          write: { kind: "hash", key: (row) => `cell:${row.cell}`, field: "vehicle", value: "atMs" },
        });
  builder.setBolt("to_redis", lastSeen).fieldsGrouping(grid.stream("default"), ["cell"]);

  const alerts =
    kafka === null
      ? fileBolt({ input: Cell, folder: path.join(folder, "fast") })
      : kafkaBolt({ brokers: [kafka.broker], input: Cell, topic: kafka.fast, key: "vehicle" });
  builder.setBolt("to_kafka", alerts).shuffleGrouping(grid.stream("fast"));
});

function positionsOf(builder: TopologyBuilder, { folder, kafka }: FlowOptions): ComponentHandle<typeof Position> {
  if (kafka === null) {
    const spout = fileSpout({ paths: path.join(folder, "positions.jsonl"), format: "json", fields: Position });
    return builder.setSpout("from_kafka", spout, { parallelism: 2 });
  }
  const spout = kafkaSpout({
    brokers: [kafka.broker],
    topics: kafka.positions,
    group: "grid",
    until: "end",
    fields: Position,
    value: (bytes) => JSON.parse(bytes.toString()) as { lat: number; lon: number; kmh: number; atMs: number },
    map: ({ key, value }) => (key === null || value === null ? null : { vehicle: key, ...value }),
  });
  return builder.setSpout("from_kafka", spout, { parallelism: 2 });
}

const toGrid = basicBolt({
  input: Position,
  output: { default: Cell, fast: Cell },
  execute({ vehicle, lat, lon, kmh, atMs }, collector) {
    const cell = `${Math.floor(lat / CELL_SIZE)}:${Math.floor(lon / CELL_SIZE)}`;
    collector.emit([cell, vehicle, kmh, atMs]);
    if (kmh > FAST_KMH) collector.emitTo("fast", [cell, vehicle, kmh, atMs]);
  },
});
