/** How much of its time a component cannot take more: its code runs, or promises of its code hold it. */
export function loadOf({ busy, waiting }) {
  return Math.min(1, busy + waiting);
}

/** Tasks share a core: what holds the others up may have but a small part of it. */
const LOAD_MIN = 0.1;
const BLOCKED_MIN = 0.05;
/** Without anyone blocked before it, only what is nearly always busy holds the others up. */
const LOAD_ALONE_MIN = 0.9;

/**
 * The component that holds up the others: of those before which somebody finds no room, the one with the most load.
 * Null when nothing does: then the sources bring no more.
 *
 * @returns { id, load, blocked: the id of the component before it that finds no room, or null }
 */
export function findBottleneck(graph, components) {
  let best = null;
  for (const { id } of graph.components) {
    const own = components[id];
    if (own === undefined) continue;
    const load = loadOf(own);
    const held = graph.edges
      .filter(({ to, from, feedback }) => to === id && from !== id && !feedback)
      .map(({ from }) => ({ from, share: components[from]?.blocked ?? 0 }))
      .filter(({ share }) => share >= BLOCKED_MIN)
      .sort((one, other) => other.share - one.share)[0];
    // What is itself mostly blocked waits for somebody further on.
    if (own.blocked > load) continue;
    if (held === undefined ? load < LOAD_ALONE_MIN : load < LOAD_MIN) continue;
    const weight = load + (held === undefined ? 0 : 1);
    if (best === null || weight > best.weight) best = { id, load, blocked: held?.from ?? null, weight };
  }
  return best;
}
