import assert from "node:assert/strict";
import { test } from "node:test";
import { basicBolt, defineTopology, fields, LocalCluster } from "../../src/index.ts";

const Text = fields("text:string");

const fed = defineTopology(import.meta.url, (builder) => {
  const texts = builder.setFeeder("texts", Text);
  builder.setBolt("read", basicBolt({ input: Text, execute() {} })).shuffleGrouping(texts);
  return { texts };
});

for (const runtime of ["inline", "threads"] as const) {
  test(`a fed tuple that no ring takes fails its feeder, not a thread: ${runtime}`, async () => {
    const cluster = new LocalCluster({
      logLevel: "silent",
      runtime,
      workers: 1,
      ringBytesMin: 4096,
      ringBytesMax: 4096,
    });
    try {
      const run = await cluster.submitTopology("fed", fed);
      const isTooLong = (error: unknown) => (error as { code?: string }).code === "TUPLE_TOO_LARGE";
      await assert.rejects(run.feeders.texts.emit(["x".repeat(5_000)]), isTooLong);
      run.feeders.texts.end();
      await assert.rejects(run.completed(), (error: Error & { code?: string }) => {
        assert.equal(error.code, "TASK_FAILED");
        assert.ok(isTooLong(error.cause));
        return true;
      });
    } finally {
      await cluster.close();
    }
  });
}
