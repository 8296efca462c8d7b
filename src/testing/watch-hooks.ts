/** Stands around every call of a hook: calls it by `proceed`, or does not. */
export type AroundHook = (hook: string, given: readonly unknown[], proceed: HookBody) => unknown;
export type HookBody = (...given: readonly unknown[]) => unknown;

/**
 * The instance as the engine sees it, with `around` standing around each hook. The hooks themselves run on the
 * instance: whatever is private to it stays within reach, and calls among its own methods are not seen.
 */
export function watchHooks<T extends object>(instance: T, around: AroundHook): T {
  return new Proxy(instance, {
    get(target, key): unknown {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function" || typeof key !== "string") return value;
      const proceed: HookBody = (...given) => Reflect.apply(value, target, given);
      return (...given: readonly unknown[]) => around(key, given, proceed);
    },
  });
}
