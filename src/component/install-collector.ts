import { EngineError } from "../base/engine-error.ts";

/** The same in every copy of this package, so that components made by one can run in the engine of another. */
const INSTALL_COLLECTOR = Symbol.for("stormcell.installCollector");

/** Gives a rich bolt or a spout its collector, between construction and its first hook. A basic bolt takes none. */
export function installCollector(instance: object, collector: object): void {
  const install = (instance as { [INSTALL_COLLECTOR]?: (collector: object) => void })[INSTALL_COLLECTOR];
  if (typeof install === "function") install.call(instance, collector);
}

/**
 * What rich bolts and spouts have in common: `this.collector`.
 *
 * A data property on purpose: behind a getter, all classes of a topology would share one call site, which gets slow
 * with the fifth class.
 */
export abstract class CollectorHolder<Collector extends object> {
  protected readonly collector: Collector = collectorTooEarly as Collector;

  [INSTALL_COLLECTOR](collector: Collector): void {
    (this as unknown as { collector: Collector }).collector = collector;
  }
}

/** Stands in until the engine has installed the real one: constructors may not emit. */
const collectorTooEarly: object = new Proxy(Object.freeze({}), {
  get(_target, property) {
    throw new EngineError("COMPONENT_COLLECTOR_TOO_EARLY", {
      problem: `this.collector.${String(property)} is used before the task has a collector`,
      remedy: "let constructors only store configuration; emit from the hooks, prepare or open at the earliest",
    });
  },
});
