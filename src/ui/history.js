const POINTS_MAX = 600;

/** What a page has seen of each component, for plots: the last ten minutes, one point a second. */
export class History {
  #components = new Map();

  add(timeMs, components) {
    for (const [id, values] of Object.entries(components)) {
      let points = this.#components.get(id);
      if (points === undefined) {
        points = { time: [], executed: [], emitted: [], busy: [], blocked: [], p50: [], p99: [] };
        this.#components.set(id, points);
      }
      if (points.time.at(-1) === timeMs / 1000) continue;
      points.time.push(timeMs / 1000);
      for (const name of ["executed", "emitted", "busy", "blocked", "p50", "p99"]) points[name].push(values[name]);
      if (points.time.length <= POINTS_MAX) continue;
      for (const series of Object.values(points)) series.shift();
    }
  }

  of(id) {
    return (
      this.#components.get(id) ?? { time: [], executed: [], emitted: [], busy: [], blocked: [], p50: [], p99: [] }
    );
  }
}
