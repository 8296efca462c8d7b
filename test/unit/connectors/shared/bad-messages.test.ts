import assert from "node:assert/strict";
import { test } from "node:test";
import { BadMessageWay } from "../../../../src/connectors/shared/bad-messages.ts";
import { stubContext } from "../once/stub-context.ts";

function wayToStream() {
  const emitted: (readonly unknown[])[] = [];
  const emitTo = (_stream: string, values: readonly unknown[]) => emitted.push(values);
  const way = new BadMessageWay(
    "bad",
    { emitTo: emitTo as never },
    stubContext(() => 0),
  );
  return { way, emitted };
}

test("what is shown of a bad message stays what it was when its buffer is filled anew", () => {
  for (const whole of [Buffer.from("first"), new TextEncoder().encode("first")]) {
    const { way, emitted } = wayToStream();
    way.take({ origin: "file", position: "0", reason: "none", bytes: whole.subarray(0, 5) });
    whole.fill(0x7a);
    assert.deepEqual(emitted, [["file", "0", "none", new TextEncoder().encode("first")]]);
  }
});

test("of a long one the beginning is shown", () => {
  const { way, emitted } = wayToStream();
  way.take({ origin: "file", position: "0", reason: "none", bytes: Buffer.alloc(10_000, 1) });
  assert.equal((emitted[0]![3] as Uint8Array).length, 4096);
});
