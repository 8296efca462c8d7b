import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BACKLOG_BYTES_MAX,
  BEHIND_MS_MAX,
  type EventWriter,
  LIVE_INTERVAL_MS,
  LiveFeed,
  READERS_MAX,
} from "../../../src/http/live-feed.ts";
import { liveState } from "../../../src/http/live-state.ts";
import { FakeTopology } from "./fake-source.ts";

/** A reader whose connection takes as much as the test says. */
class ScriptedWriter implements EventWriter {
  readonly events: { readonly name: string; readonly data: unknown }[] = [];
  writableLength = 0;
  hasEnded = false;
  isDestroyed = false;

  write(text: string): boolean {
    const match = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text);
    assert.ok(match !== null, text);
    this.events.push({ name: match[1]!, data: JSON.parse(match[2]!) as unknown });
    return true;
  }

  end(): void {
    this.hasEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }
}

/** A feed whose second passes when the test says so. */
class ScriptedFeed {
  nowMs = 0;
  timers = 0;
  readonly failures: unknown[] = [];
  readonly feed = new LiveFeed({
    nowMs: () => this.nowMs,
    failed: (error) => void this.failures.push(error),
    every: (intervalMs, action) => {
      assert.equal(intervalMs, LIVE_INTERVAL_MS);
      this.timers += 1;
      this.#action = action;
      return () => {
        this.timers -= 1;
      };
    },
  });
  #action: () => void = () => {};

  tick(times = 1): void {
    for (let turn = 0; turn < times; turn++) {
      this.nowMs += LIVE_INTERVAL_MS;
      if (this.timers > 0) this.#action();
    }
  }
}

test("a reader gets the graph, then the state once a second; all readers share one computation", () => {
  const scripted = new ScriptedFeed();
  const topology = new FakeTopology();
  const [one, other] = [new ScriptedWriter(), new ScriptedWriter()];
  scripted.feed.add(topology, one);
  scripted.feed.add(topology, other);
  const before = topology.snapshots;
  scripted.tick();

  assert.deepEqual(one.names, ["graph", "live", "live"]);
  assert.deepEqual(other.events, one.events);
  assert.equal(topology.snapshots, before + 1);
});

test("without readers nothing runs", () => {
  const scripted = new ScriptedFeed();
  const topology = new FakeTopology();
  const remove = scripted.feed.add(topology, new ScriptedWriter());
  assert.equal(scripted.timers, 1);
  remove();
  remove();
  assert.deepEqual([scripted.timers, scripted.feed.readerCount], [0, 0]);
  const before = topology.snapshots;
  scripted.tick();
  assert.equal(topology.snapshots, before);
});

test("a slow reader gets nothing more until it has caught up, and is let go when it does not", () => {
  const scripted = new ScriptedFeed();
  const [slow, quick] = [new ScriptedWriter(), new ScriptedWriter()];
  scripted.feed.add(new FakeTopology(), slow);
  scripted.feed.add(new FakeTopology(), quick);
  slow.writableLength = BACKLOG_BYTES_MAX + 1;
  scripted.tick(5);
  assert.deepEqual([slow.events.length, quick.events.length], [2, 7]);

  slow.writableLength = BACKLOG_BYTES_MAX;
  scripted.tick();
  assert.equal(slow.events.length, 3);

  slow.writableLength = BACKLOG_BYTES_MAX + 1;
  scripted.tick(BEHIND_MS_MAX / LIVE_INTERVAL_MS);
  assert.equal(slow.isDestroyed, false);
  scripted.tick();
  assert.deepEqual([slow.isDestroyed, slow.events.length, scripted.feed.readerCount], [true, 3, 1]);
});

test("a topology that has ended says so, and its readers are done", () => {
  const scripted = new ScriptedFeed();
  const topology = new FakeTopology();
  const [reader, late] = [new ScriptedWriter(), new ScriptedWriter()];
  scripted.feed.add(topology, reader);
  topology.state = "completed";
  scripted.tick();
  assert.deepEqual(reader.names, ["graph", "live", "live", "ended"]);
  assert.deepEqual([reader.hasEnded, scripted.timers], [true, 0]);

  scripted.feed.add(topology, late);
  assert.deepEqual([late.names, late.hasEnded, scripted.timers], [["graph", "live", "ended"], true, 0]);
});

test("numbers that cannot be had cost the readers of that topology, and nothing else", () => {
  const scripted = new ScriptedFeed();
  const [broken, whole] = [new FakeTopology(), new FakeTopology()];
  const [reader, other] = [new ScriptedWriter(), new ScriptedWriter()];
  scripted.feed.add(broken, reader);
  scripted.feed.add(whole, other);
  broken.metrics = () => {
    throw new Error("no numbers");
  };
  scripted.tick();
  assert.deepEqual([reader.isDestroyed, other.events.length, scripted.failures.length], [true, 3, 1]);
  assert.throws(() => scripted.feed.add(broken, new ScriptedWriter()), /no numbers/);
  assert.equal(scripted.feed.readerCount, 1);
});

test("the number of readers is bounded, and closing ends them", () => {
  const scripted = new ScriptedFeed();
  const writers = Array.from({ length: READERS_MAX }, () => new ScriptedWriter());
  const topology = new FakeTopology();
  for (const writer of writers) {
    assert.equal(scripted.feed.isFull, false);
    scripted.feed.add(topology, writer);
  }
  assert.equal(scripted.feed.isFull, true);
  scripted.feed.close();
  assert.ok(writers.every(({ hasEnded }) => hasEnded));
  assert.deepEqual([scripted.feed.readerCount, scripted.timers], [0, 0]);
});

test("the state: rates are per second of the span, edges in the order of the graph", () => {
  const live = liveState(new FakeTopology());
  assert.deepEqual(live.edges, [10, 10, 10]);
  const { emitted, executed, busy, blocked, queued, fill, p99, errors } = live.components.split!;
  assert.deepEqual([emitted, executed, busy, blocked, queued, fill, p99], [20, 10, 0.5, 0.25, 9, 0.75, 3]);
  assert.equal(errors, 6);
  assert.equal(live.components.count?.fill, null);

  const starting = new FakeTopology();
  starting.hasNumbers = false;
  starting.fills = null;
  assert.deepEqual([liveState(starting).edges, liveState(starting).totals], [[0, 0, 0], null]);
});
