import { EngineError } from "../base/engine-error.ts";
import type { BoltClass } from "../component/component-schema.ts";
import type { Outputs } from "../component/outputs.ts";
import type { Inputs } from "../tuple/tuple.ts";
import { type BoltCase, checkCase, type PlainCase } from "./bolt-case.ts";
import { BoltTrial, type TrialResult, type TrialSettings } from "./bolt-trial.ts";
import { type Rows, rowDiff } from "./row-diff.ts";

const ONE_BY_ONE = { batching: "one row", ending: "exhausted" } as const;

const TRIALS: readonly TrialSettings[] = [
  { name: "one row per batch, and room for one tuple behind the bolt", ...ONE_BY_ONE },
  { name: "the same with a second instance", ...ONE_BY_ONE },
  { name: "all rows in one batch", batching: "all rows", ending: "exhausted" },
  { name: "drained before its input has ended", batching: "one row", ending: "drained" },
  { name: "killed after its first tuple", batching: "one row", ending: "killed" },
];

/**
 * Runs one bolt alone, several times, under conditions that are harder than a topology's usual ones: behind it there
 * is room for one tuple only, its input comes row by row and all at once, it is ended, drained and killed.
 *
 * Each time an instance is made anew, and has to emit what is expected; to ack or fail what it received exactly once
 * and to anchor what it emits, if it is a rich bolt; to leave alone what it received and what it emitted; and to be
 * cleaned up once.
 *
 * @throws EngineError (rejects) VERIFY_..., for the first thing that is wrong
 * @example await verifyBolt(SplitSentence, { input: [["a b"]], output: [["a"], ["b"]] });
 */
export async function verifyBolt<I extends Inputs, O extends Outputs, A extends readonly unknown[], T extends object>(
  bolt: BoltClass<I, O, A, T>,
  given: BoltCase<NoInfer<I>, NoInfer<O>, NoInfer<T>> & NeedsCreate<NoInfer<A>, NoInfer<T>>,
): Promise<void> {
  const plain = checkCase(bolt, given as unknown as BoltCase<unknown, unknown>);
  const known = new WeakSet<object>();
  for (const trial of TRIALS) checkResult(plain, trial, await new BoltTrial(plain, trial, known).run());
}

/** A class whose constructor cannot be called without arguments needs `create`. */
type NeedsCreate<A extends readonly unknown[], T> = [] extends A ? unknown : { readonly create: () => T };

function checkResult(plain: PlainCase, trial: TrialSettings, { emitted, failed }: TrialResult): void {
  if (trial.ending === "killed") return;
  if (plain.output !== null) checkOutput(plain, trial, emitted);
  if (plain.failed === null) return;
  for (const input of Object.keys(plain.declaration.inputs)) {
    const diff = rowDiff(plain.failed.get(input) ?? [], failed.get(input) ?? [], { order: "any" });
    if (diff !== null)
      throw differs(`the bolt does not fail the tuples of input "${input}" that it should`, trial, diff);
  }
}

function checkOutput(
  { output, order, declaration }: PlainCase,
  trial: TrialSettings,
  emitted: TrialResult["emitted"],
) {
  // What comes in onEnd does not come from a bolt that is drained, since its input has not ended.
  const mayStop = trial.ending === "drained";
  for (const stream of Object.keys(declaration.outputs)) {
    const expected: Rows = output!.get(stream) ?? [];
    const diff = rowDiff(expected, emitted.get(stream)!, { order, mayStop });
    if (diff === null) continue;
    if (trial !== TRIALS[1])
      throw differs(`the bolt does not emit what is expected on stream "${stream}"`, trial, diff);
    throw new EngineError("VERIFY_LEAKED", {
      problem: `the bolt's first instance emits what is expected on stream "${stream}", and its second does not`,
      facts: { trial: trial.name, "- expected, + emitted": `\n${diff}` },
      remedy: "keep a task's state in its instance: all tasks of a thread share variables of the module and statics",
    });
  }
}

function differs(problem: string, trial: TrialSettings, diff: string): EngineError {
  return new EngineError("VERIFY_OUTPUT_DIFFERS", {
    problem,
    facts: { trial: trial.name, "- expected, + actual": `\n${diff}` },
    remedy: 'correct the bolt, or what is expected of it; where the order does not matter, say order: "any"',
  });
}
