import type { CommandContext } from "./command-context.ts";
import type { RunFace } from "./engine-face.ts";

export interface PortSettings {
  /** Whether tuples of outputs are printed; else they are dropped. */
  readonly print: boolean;
  readonly say: (message: string) => void;
}

/**
 * Stands in for the embedding program, which a topology with ports expects: it would wait for someone to read its
 * outputs and to feed its feeders. Resolves when all outputs have ended.
 */
export async function servePorts(run: RunFace, settings: PortSettings, context: CommandContext): Promise<void> {
  for (const [port, feeder] of Object.entries(run.feeders)) {
    settings.say(`Feeder "${port}" has no program to feed it here, so it ends at once.`);
    feeder.end();
  }
  const outputs = Object.entries(run.outputs);
  const ports = outputs.map(([port]) => `"${port}"`).join(", ");
  if (ports !== "" && !settings.print) {
    settings.say(
      `Tuples for ${outputs.length === 1 ? "output" : "outputs"} ${ports} are dropped; --print shows them.`,
    );
  }
  await Promise.all(
    outputs.map(([port, output]) => (settings.print ? printTo(context, port, output) : drop(output))),
  );
}

async function printTo(context: CommandContext, port: string, output: AsyncIterable<unknown>): Promise<void> {
  for await (const tuple of output) context.writeOut(`${JSON.stringify({ [port]: tuple }, plainValue)}\n`);
}

/** Leaving an output detaches it: the topology then runs on without its reader. */
async function drop(output: AsyncIterable<unknown>): Promise<void> {
  await output[Symbol.asyncIterator]().return?.();
}

/** What JSON has no form for: int64 as digits, bytes in base64. */
function plainValue(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
  return typeof value === "bigint" ? String(value) : value;
}
