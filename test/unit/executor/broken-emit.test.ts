import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outlet } from "../../../src/engine/executor/outlet.ts";
import { StreamRoute } from "../../../src/engine/executor/stream-route.ts";

/** Goal: an emit that one of its outlets refuses leaves no copy counted that nobody will ever settle. */
test("an emit that is broken off takes back the copies that it did not make", () => {
  const route = new StreamRoute({ component: "fan", stream: "default", direct: false }, [], () => {});
  const taken: number[] = [];
  const outlets = [0, 1, 2, 3].map((target) => ({
    appendRooted() {
      taken.push(target);
      if (target === 1) throw new Error("too much waits");
    },
  }));
  let counted = 0;
  const rooting = {
    pairs: [0, 1],
    pairCount: 1,
    begin: (copies: number) => {
      counted += copies;
    },
    takeBack: (copies: number) => {
      counted -= copies;
    },
  };
  const emit = () => route.sendTo(outlets as unknown as Outlet[], ["value"], rooting);

  assert.throws(emit, /too much waits/);

  assert.deepEqual(taken, [0, 1], "the outlet that throws has taken its copy");
  assert.equal(counted, taken.length);
});
