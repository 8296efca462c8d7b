import { EngineError } from "../../base/engine-error.ts";

/** Entry of an offload thread: imports the named function of the user's module and calls it. */
export async function runOffloaded(call: {
  module: string;
  name: string;
  args: readonly unknown[];
}): Promise<unknown> {
  const module = (await import(call.module)) as Record<string, unknown>;
  const run = module[call.name];
  if (typeof run !== "function") {
    throw new EngineError("OFFLOAD_NO_FUNCTION", {
      problem: `module ${call.module} exports no function "${call.name}"`,
      facts: { exports: Object.keys(module) },
      remedy: "name an exported function of that module",
    });
  }
  return run(...call.args) as unknown;
}
