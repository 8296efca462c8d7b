/**
 * A one-file script that listens on a port above its topology: each worker that imports it tries to listen too.
 * The argument says how it listens.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { basicBolt, defineTopology, fields, fromIterable, runTopology } from "../../../../src/index.ts";

const form = process.argv[2];
const port = Number(process.argv[3]);
const server = form === "net" ? createNetServer() : createServer((_request, response) => response.end("hello"));
if (form === "localhost") server.listen(port, "localhost");
else if (form === "handled") server.on("error", () => console.log("could not listen")).listen(port);
else server.listen(port, "127.0.0.1");
if (form === "awaited") await once(server, "listening");
server.unref();

const N = fields("n:int32");
const job = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(N, () => [[1], [2]] as [number][]),
  );
  // Takes a moment, so that the run is under way when a late error of the server comes.
  const print = basicBolt({ input: N, execute: () => setTimeout(200) });
  builder.setBolt("print", print).shuffleGrouping(numbers);
});

try {
  const summary = await runTopology(job, { cluster: { workers: 2, logLevel: "silent" } });
  console.log(summary.outcome);
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 3;
}
