import type { TreeSubjects } from "./tree-subjects.ts";

/** Sends each tuple to the one task that the world has picked. */
export function scriptedChoice(
  { SingleGrouping }: TreeSubjects,
  picks: () => readonly number[],
): InstanceType<TreeSubjects["SingleGrouping"]> {
  class Scripted extends SingleGrouping {
    choose(): number {
      return picks()[0]!;
    }
  }
  return new Scripted();
}

/** Sends each tuple to all tasks that the world has picked. */
export function scriptedGrouping(
  { MultiGrouping }: TreeSubjects,
  picks: () => readonly number[],
): InstanceType<TreeSubjects["MultiGrouping"]> {
  class Scripted extends MultiGrouping {
    choose(_values: readonly unknown[], out: number[]): number {
      for (const [index, pick] of picks().entries()) out[index] = pick;
      return picks().length;
    }
  }
  return new Scripted();
}
