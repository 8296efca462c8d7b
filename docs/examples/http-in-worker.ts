/** A bolt that answers HTTP from its worker thread: what it has counted so far. `node http-in-worker.js 8080` */
import { once } from "node:events";
import { createServer } from "node:http";
import { BasicBolt, type BasicCollector, defineTopology, fields, LocalCluster, type Tuple } from "stormcell";

const Visit = fields("page:string");

class Scoreboard extends BasicBolt({ input: Visit, output: Visit }) {
  readonly #counts: Record<string, number> = {};
  readonly #server = createServer((_request, response) => response.end(JSON.stringify(this.#counts)));
  readonly #port: number;

  constructor(port: number) {
    super();
    this.#port = port;
  }

  override async prepare() {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  execute({ page }: Tuple<typeof Visit>, collector: BasicCollector<typeof Visit>) {
    this.#counts[page] = (this.#counts[page] ?? 0) + 1;
    collector.emit([page]);
  }

  override cleanup() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const visitors = defineTopology(import.meta.url, (builder, options: { port: number }) => {
  const visits = builder.setFeeder("visits", Visit);
  const board = builder
    .setBolt("board", Scoreboard, { create: () => new Scoreboard(options.port) })
    .shuffleGrouping(visits);
  return { visits, counted: builder.output(board) };
});

const port = Number(process.argv[2] ?? 8080);
await using cluster = new LocalCluster({ workers: 1 });
const { feeders, outputs } = await cluster.submitTopology("visitors", visitors, { options: { port } });

const counted = outputs.counted[Symbol.asyncIterator]();
for (const page of ["/", "/about", "/", "/"]) {
  await feeders.visits.emit([page]);
  await counted.next();
}
// The topology is idle now: the server answers all the same.
const response = await fetch(`http://127.0.0.1:${port}/`);
console.log(await response.text());
