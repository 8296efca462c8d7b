export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 84;
const RANK_GAP = 110;
const NODE_GAP = 26;
const MARGIN = 16;

/**
 * Where the boxes stand and how the edges run: computed once per topology, since neither changes while it runs.
 *
 * @returns { width, height, nodes: Map of id to { x, y } (left, top), edges: lists of points, by index }
 */
export async function layoutGraph(graph) {
  try {
    return layoutByDagre(await import("/vendor/dagre.js"), graph);
  } catch {
    // The package is not installed: columns by depth are less handsome, and as true.
    return layoutByDepth(graph);
  }
}

function layoutByDagre({ Graph, layout }, { components, edges }) {
  const drawing = new Graph({ multigraph: true });
  drawing.setGraph({ rankdir: "LR", ranksep: RANK_GAP, nodesep: NODE_GAP, marginx: MARGIN, marginy: MARGIN });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const { id } of components) drawing.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  edges.forEach(({ from, to }, index) => {
    drawing.setEdge(from, to, { width: 60, height: 14, labelpos: "c" }, String(index));
  });
  layout(drawing);
  const nodes = new Map(
    components.map(({ id }) => {
      const { x, y } = drawing.node(id);
      return [id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
    }),
  );
  const lines = edges.map(({ from, to }, index) => drawing.edge(from, to, String(index)).points);
  const { width, height } = drawing.graph();
  return { width, height, nodes, edges: lines };
}

export function layoutByDepth({ components, edges }) {
  const nodes = new Map();
  const counts = new Map();
  for (const { id, depth } of components) {
    const row = counts.get(depth) ?? 0;
    counts.set(depth, row + 1);
    nodes.set(id, { x: MARGIN + depth * (NODE_WIDTH + RANK_GAP), y: MARGIN + row * (NODE_HEIGHT + NODE_GAP) });
  }
  const lines = edges.map(({ from, to }) => {
    const [start, end] = [nodes.get(from), nodes.get(to)];
    const [y1, y2] = [start.y + NODE_HEIGHT / 2, end.y + NODE_HEIGHT / 2];
    if (start.x < end.x) {
      return [
        { x: start.x + NODE_WIDTH, y: y1 },
        { x: (start.x + NODE_WIDTH + end.x) / 2, y: (y1 + y2) / 2 },
        { x: end.x, y: y2 },
      ];
    }
    // Backwards, or within a column: around, below both boxes.
    const below = Math.max(start.y, end.y) + NODE_HEIGHT + NODE_GAP / 2;
    return [
      { x: start.x + NODE_WIDTH / 2, y: start.y + NODE_HEIGHT },
      { x: (start.x + end.x + NODE_WIDTH) / 2, y: below },
      { x: end.x + NODE_WIDTH / 2, y: end.y + NODE_HEIGHT },
    ];
  });
  const width = Math.max(0, ...[...nodes.values()].map(({ x }) => x)) + NODE_WIDTH + MARGIN;
  const height = Math.max(0, ...[...nodes.values()].map(({ y }) => y)) + NODE_HEIGHT + NODE_GAP + MARGIN;
  return { width, height, nodes, edges: lines };
}
