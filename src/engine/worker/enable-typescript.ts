import path from "node:path";
import { pathToFileURL } from "node:url";
import { EngineError } from "../../base/engine-error.ts";
import { resolvePackage } from "./resolve-package.ts";

/**
 * Lets this thread import a file if it is TypeScript. Node runs that as it is from 22.18 on; before, tsx does, if the
 * project of the module has it. It is resolved as `import` would: what `require` sees of tsx cannot register itself.
 *
 * @throws EngineError MODULE_TYPESCRIPT
 */
export async function enableTypeScript(file: string): Promise<void> {
  if (!/\.[mc]?ts$/.test(file)) return;
  // The property is there from 22.10 on, and false where types are not stripped.
  if ("typescript" in process.features && process.features.typescript) return;
  const api = resolvePackage("tsx/esm/api", path.dirname(file));
  if (api === null) {
    throw new EngineError("MODULE_TYPESCRIPT", {
      problem: `${process.version} cannot run TypeScript by itself`,
      facts: { file },
      remedy: "install tsx beside the module (npm install tsx), use Node 22.18 or newer, or build the module first",
    });
  }
  const { register } = (await import(pathToFileURL(api).href)) as { register: () => unknown };
  register();
}
