import assert from "node:assert/strict";
import test from "node:test";
import { ProgressDisplay, progressText } from "../../../docs/examples/word-count/progress-display.ts";
import { formatBytes, formatRate, formatSeconds } from "../../../docs/examples/word-count/text-format.ts";

test("progress tells share, bytes, rate and the time that is left", () => {
  const text = progressText({ bytes: 25_000_000, totalBytes: 100_000_000, elapsedMs: 1_000 });
  assert.equal(text, " 25 %  25.0 MB of 100.0 MB  25.0 MB/s  3.0 s left");
  assert.equal(progressText({ bytes: 0, totalBytes: 10, elapsedMs: 0 }), "  0 %  0 B of 10 B  0 B/s");
  assert.equal(progressText({ bytes: 0, totalBytes: 0, elapsedMs: 5 }), "100 %  0 B of 0 B  0 B/s");
});

test("a terminal gets a bar that fits its width and goes away, anything else gets no control characters", () => {
  for (const columns of [20, 80, 200]) {
    const drawn = output({ isTTY: true, columns });
    const frames = drawn.split("\r").filter((frame) => frame !== "" && frame !== "\x1b[K");
    for (const frame of frames) assert.ok(frame.replace("\x1b[K", "").length < columns, frame);
    assert.ok(drawn.endsWith("\r\x1b[K"));
    assert.equal(drawn.includes("─"), columns > 20);
  }
  assert.equal(output({}), "");
});

test("numbers as people read them", () => {
  assert.deepEqual([0, 999, 1_000, 81_587_530, 3e9].map(formatBytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "81.6 MB",
    "3.0 GB",
  ]);
  assert.deepEqual([0, 1_234, 59_400, 150_000].map(formatSeconds), ["0.0 s", "1.2 s", "59 s", "2 min 30 s"]);
  assert.deepEqual([formatRate(5_000, 1_000), formatRate(9e6, 2_000)], ["5,000", "4.5 million"]);
});

function output(kind: { isTTY?: boolean; columns?: number }): string {
  let text = "";
  const display = new ProgressDisplay({ ...kind, write: (part) => (text += part) }, 1_000);
  display.update(500);
  display.end();
  return text;
}
