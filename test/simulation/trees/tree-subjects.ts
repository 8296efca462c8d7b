/** Modules under `src` that the tree worlds run: as they are, or with a bug planted in one of them. */
const SUBJECT_FILES = [
  "memory/tree-slots",
  "memory/completion-ring",
  "grouping/grouping",
  "tuple/tuple-batch",
  "tuple/row-appender",
  "tuple/batch-roots",
  "engine/acker/acker",
  "engine/plan/tracking-plan",
  "engine/executor/tracking",
  "engine/executor/tracked-emits",
  "engine/executor/anchor-set",
  "engine/executor/row-book",
  "engine/executor/stream-route",
  "engine/executor/outlet",
  "engine/executor/ring-link",
  "engine/executor/inbox",
  "engine/executor/local-queue",
] as const;

export type TreeSubjects = typeof import("../../../src/memory/tree-slots.ts") &
  typeof import("../../../src/memory/completion-ring.ts") &
  typeof import("../../../src/grouping/grouping.ts") &
  typeof import("../../../src/tuple/tuple-batch.ts") &
  typeof import("../../../src/tuple/row-appender.ts") &
  typeof import("../../../src/tuple/batch-roots.ts") &
  typeof import("../../../src/engine/acker/acker.ts") &
  typeof import("../../../src/engine/plan/tracking-plan.ts") &
  typeof import("../../../src/engine/executor/tracking.ts") &
  typeof import("../../../src/engine/executor/tracked-emits.ts") &
  typeof import("../../../src/engine/executor/anchor-set.ts") &
  typeof import("../../../src/engine/executor/row-book.ts") &
  typeof import("../../../src/engine/executor/stream-route.ts") &
  typeof import("../../../src/engine/executor/outlet.ts") &
  typeof import("../../../src/engine/executor/ring-link.ts") &
  typeof import("../../../src/engine/executor/inbox.ts") &
  typeof import("../../../src/engine/executor/local-queue.ts");

export const REAL_SOURCES_URL = new URL("../../../src", import.meta.url).href;

/** @param sourcesUrl folder of compiled sources */
export async function loadTreeSubjects(sourcesUrl: string): Promise<TreeSubjects> {
  const modules = await Promise.all(SUBJECT_FILES.map((file) => import(`${sourcesUrl}/${file}.js`)));
  return Object.assign({}, ...modules) as TreeSubjects;
}
