import { EngineError } from "../base/engine-error.ts";

/**
 * Puts the hooks that a user wrote as an object onto a component's instance. Bound to that object, so that `this`
 * in a hook is what its author sees around it.
 *
 * @throws EngineError COMPONENT_MISSING_HOOK
 */
export function adoptHooks(instance: object, hooks: unknown, names: readonly string[], required: string): void {
  const given = hooks as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof given !== "object" || given === null || typeof given[required] !== "function") {
    throw new EngineError("COMPONENT_MISSING_HOOK", {
      problem: `a functional component has no ${required}`,
      facts: { given: given === null || typeof given !== "object" ? String(given) : Object.keys(given) },
      remedy: `write ${required}(...) in it, or in the object that its create returns`,
    });
  }
  for (const name of names) {
    const hook = given[name];
    if (typeof hook === "function") Object.defineProperty(instance, name, hookProperty(hook.bind(given)));
  }
}

function hookProperty(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

/** Calls `use` with the value: at once, or when it is a promise, after it. A synchronous hook stays synchronous. */
export function whenReady<T, R>(value: T | Promise<T>, use: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
