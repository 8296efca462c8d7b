import { basicBolt, defineTopology, direct, fields, spout } from "../../../src/index.ts";

export interface GroupingsOptions {
  /** Tuples of each of two spout tasks. */
  readonly tuples: number;
  /** Tasks of each consumer. */
  readonly targets: number;
}

const Item = fields("n:int32", "key:string");
const Report = fields(
  "consumer:string",
  "taskIndex:int32",
  "worker:int32",
  "sourceTask:int32",
  "key:string",
  "count:int32",
);

export const keyOfItem = (n: number) => `key-${(n * 7919) % 101}`;

/** Counts what arrives, by producing task and key, and reports it at the end. */
const tally = basicBolt({
  input: Item,
  output: Report,
  create: (context) => {
    const counts = new Map<string, number>();
    return {
      execute(tuple) {
        const place = `${tuple.$.sourceTask} ${tuple.key}`;
        counts.set(place, (counts.get(place) ?? 0) + 1);
      },
      onEnd(collector) {
        for (const [place, count] of counts) {
          const [sourceTask, key] = place.split(" ") as [string, string];
          collector.emit([context.component, context.taskIndex, context.worker, Number(sourceTask), key, count]);
        }
      },
    };
  },
});

/** One stream into a consumer of every grouping, and a direct one. */
export const groupings = defineTopology(import.meta.url, (builder, { tuples, targets }: GroupingsOptions) => {
  const items = builder.setSpout(
    "items",
    spout({
      output: { default: Item, named: direct(Item) },
      create: (context, collector) => {
        let n = 0;
        return {
          nextTuple() {
            if (n === tuples) return "exhausted";
            const tasks = context.tasksOf("direct");
            collector.emit([n, keyOfItem(n)]);
            collector.emitDirect("named", tasks[n % tasks.length]!, [n, keyOfItem(n)]);
            n++;
            return undefined;
          },
        };
      },
    }),
    { parallelism: 2 },
  );
  const bolt = (id: string) => builder.setBolt(id, tally, { parallelism: targets });
  const consumers = [
    bolt("shuffle").shuffleGrouping(items),
    bolt("fields").fieldsGrouping(items, ["key"]),
    bolt("partialKey").partialKeyGrouping(items, ["key"]),
    bolt("all").allGrouping(items),
    bolt("global").globalGrouping(items),
    bolt("none").noneGrouping(items),
    bolt("leastLoaded").leastLoadedGrouping(items),
    bolt("localOrShuffle").localOrShuffleGrouping(items),
    bolt("custom").customGrouping(items, ({ targetTasks }) => ({
      chooseTasks: ([n]) => targetTasks.map((_, index) => index).filter((index) => index < n % 4),
    })),
    bolt("direct").directGrouping(items.stream("named")),
  ];
  const reports = builder.setBolt(
    "reports",
    basicBolt({
      input: Report,
      output: Report,
      execute: (tuple, collector) => collector.emit([...tuple.$.values] as never),
    }),
  );
  for (const consumer of consumers) reports.globalGrouping(consumer);
  return { reports: builder.output(reports) };
});

export interface SlowTaskOptions {
  readonly tuples: number;
  readonly targets: number;
  readonly grouping: "leastLoaded" | "localOrShuffle";
  /** Time that one execute takes, by task index; the last one holds for the rest. */
  readonly busyMs: readonly number[];
}

/** One spout task into bolts that take their time. */
export const slowTasks = defineTopology(import.meta.url, (builder, options: SlowTaskOptions) => {
  const items = builder.setSpout(
    "items",
    spout({
      output: Item,
      create: (_context, collector) => {
        let n = 0;
        return {
          nextTuple() {
            if (n === options.tuples) return "exhausted";
            collector.emit([n, keyOfItem(n)]);
            n++;
            return undefined;
          },
        };
      },
    }),
  );
  const slow = basicBolt({
    input: Item,
    output: Report,
    create: (context) => {
      const busyMs = options.busyMs[context.taskIndex] ?? options.busyMs.at(-1)!;
      let count = 0;
      return {
        execute() {
          count++;
          const until = performance.now() + busyMs;
          while (performance.now() < until) {}
        },
        onEnd: (collector) => collector.emit(["slow", context.taskIndex, context.worker, 0, "", count]),
      };
    },
  });
  const work = builder.setBolt("slow", slow, { parallelism: options.targets });
  if (options.grouping === "leastLoaded") work.leastLoadedGrouping(items);
  else work.localOrShuffleGrouping(items);
  return { reports: builder.output(work) };
});
