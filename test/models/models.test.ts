import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * Goal:   the protocols themselves are right: parking at rings, slots of trees, epochs, timeouts.
 * Method: Spin goes through every state of a Promela model of each, and finds each of the bugs that BUG plants in it.
 *         Needs `spin` and `gcc` (on Debian: apt-get install spin gcc); without them the tests are skipped.
 */
interface Model {
  readonly file: string;
  readonly defines: readonly string[];
  /** BUG=1 and so on, each with what it must break. */
  readonly bugs: Readonly<Record<number, string>>;
}

const MODELS: readonly Model[] = [
  {
    file: "park.pml",
    defines: [],
    bugs: {
      1: "a frame is shown before it is whole",
      2: "the producer looks for a sleeper before it shows the frame",
      3: "the consumer does not look again after it said that it parks",
      4: "nor does the producer",
      5: "a place is given back before it is read",
    },
  },
  {
    file: "trees.pml",
    defines: ["-DTREES0=2"],
    bugs: {
      1: "a tuple is handed out before it is counted",
      2: "a slot is free as soon as its tree has failed",
      3: "a slot is free as soon as its count is zero",
      4: "a child is published before it is counted",
      5: "a share is given up before its tree is failed",
      6: "a tree is struck off an open tuple, and its share is kept",
      8: "what is struck off is found by its slot alone",
      9: "a timeout hits the slot's next tree",
      10: "a failed tree is taken for an acked one when its count is zero",
      11: "a failure that came too late is heard",
    },
  },
  {
    file: "trees.pml",
    defines: ["-DTREES0=1", "-DTREES1=1"],
    bugs: { 7: "a child of two trees counts in one of them" },
  },
  {
    file: "epochs.pml",
    defines: [],
    bugs: {
      1: "an ack of an old epoch goes into new memory",
      2: "old memory is used again",
      3: "what was pending is not failed",
      4: "acks are still read from old memory",
    },
  },
  {
    file: "timeouts.pml",
    defines: [],
    bugs: {
      1: "nobody is asked",
      2: "answers from before a tree moved are believed when it has been quiet again for long enough",
      3: "tuples in a queue count as held",
      4: "an answer is taken for all of them",
      5: "a task keeps a forgotten tuple of a tree that has failed",
    },
  },
];

const run = promisify(execFile);
const models = fileURLToPath(new URL("../../../test/models", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "stormcell-models-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const missing = ["spin", "gcc"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
const skip = missing.length > 0 ? `${missing.join(" and ")} not found: apt-get install ${missing.join(" ")}` : false;

interface Verdict {
  readonly errors: number;
  readonly states: string;
  readonly text: string;
}

async function verify({ file, defines }: Model, bug: number): Promise<Verdict> {
  const cwd = mkdtempSync(path.join(folder, "run-"));
  await run("spin", ["-a", `-DBUG=${bug}`, ...defines, path.join(models, file)], { cwd });
  await run("gcc", [bug === 0 ? "-O2" : "-O0", "-w", "-DSAFETY", "-o", "pan", "pan.c"], { cwd });
  const { stdout } = await run(path.join(cwd, "pan"), ["-m100000"], { cwd });
  assert.doesNotMatch(stdout, /max search depth too small|out of memory/, stdout);
  const errors = /errors: (\d+)/.exec(stdout)?.[1];
  assert.ok(errors !== undefined, stdout);
  const states = /([\d.e+]+) states, stored/.exec(stdout)?.[1] ?? "?";
  return { errors: Number(errors), states, text: /pan:1: (.*)/.exec(stdout)?.[1] ?? "" };
}

for (const model of MODELS) {
  const name = [model.file, ...model.defines].join(" ");
  test(`every state is right: ${name}`, { skip }, async (t) => {
    const { errors, states, text } = await verify(model, 0);
    t.diagnostic(`${states} states`);
    assert.equal(errors, 0, text);
  });

  for (const [bug, what] of Object.entries(model.bugs)) {
    test(`planted bug is caught: ${name}: ${what}`, { skip }, async (t) => {
      const { errors, text } = await verify(model, Number(bug));
      assert.equal(errors, 1, "no state is wrong");
      t.diagnostic(text);
    });
  }
}
