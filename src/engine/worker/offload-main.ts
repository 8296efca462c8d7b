import { fileURLToPath } from "node:url";
import { EngineError } from "../../base/engine-error.ts";
import { toWireError, type WireError } from "../../base/wire-error.ts";
import { enableTypeScript } from "./enable-typescript.ts";
import { markWorkerThread } from "./thread-role.ts";

export interface OffloadedCall {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** An error as plain data: the pool would drop its class, code and facts. */
export type OffloadOutcome = { readonly value: unknown } | { readonly error: WireError };

/** How long a module that has submitted a topology may go on loading: an awaited submit never lets it end. */
const LOAD_AFTER_SUBMIT_MS = 1_000;

let tellSubmitted: () => void = () => {};
const submitted = new Promise<void>((resolve) => {
  tellSubmitted = resolve;
});

/** Entry of an offload thread: imports the named function of the user's module and calls it. Never rejects. */
export async function runOffloaded(call: OffloadedCall): Promise<OffloadOutcome> {
  // Else a one-file script would run its topology once more here.
  markWorkerThread(tellSubmitted);
  try {
    const run = await findFunction(call);
    return { value: await run(...call.args) };
  } catch (error) {
    return { error: toWireError(error) };
  }
}

async function findFunction({ module, name }: OffloadedCall): Promise<(...args: readonly unknown[]) => unknown> {
  if (module.startsWith("file:")) await enableTypeScript(fileURLToPath(module));
  const exported = (await Promise.race([import(module), neverLoaded(module)])) as Record<string, unknown>;
  const found = exported[name];
  if (typeof found === "function") return found as (...args: readonly unknown[]) => unknown;
  throw new EngineError("OFFLOAD_NO_FUNCTION", {
    problem: `module ${module} exports no function "${name}"`,
    facts: { exports: Object.keys(exported) },
    remedy: "name an exported function of that module",
  });
}

async function neverLoaded(module: string): Promise<never> {
  await submitted;
  await new Promise((resolve) => setTimeout(resolve, LOAD_AFTER_SUBMIT_MS));
  throw new EngineError("OFFLOAD_MODULE_SUBMITS", {
    problem: "the module of an offloaded function runs a topology when it is imported, and so is never ready here",
    facts: { module },
    remedy: "move the function into a module of its own, which only defines it",
  });
}
