import type { TaskContext } from "../../component/task-context.ts";

/** What a claim is used for here. */
export interface Ownership {
  /** Throws when the files are somebody else's by now. */
  check(): void;
  release(): void | Promise<void>;
}

interface Claiming {
  claim?(name: string): Promise<Ownership>;
}

/** The parts of a task belong to one instance of it: in any process, the next one waits until this one is over. */
export async function claimFiles(context: TaskContext): Promise<Ownership> {
  return (await (context as Claiming).claim?.("files")) ?? { check() {}, release() {} };
}
