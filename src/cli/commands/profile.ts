import type { CommandContext } from "../command-context.ts";
import { parseSeconds, parseWorker } from "../command-inputs.ts";
import { EXIT_DONE } from "../exit-codes.ts";
import { formatCount } from "../number-text.ts";
import { apiPath, chooseRemote, type RemoteProcess } from "../remote-process.ts";
import type { RemoteFlags } from "./remote.ts";

export interface ProfileFlags extends RemoteFlags {
  readonly worker: string;
  readonly seconds: string;
  readonly heap?: boolean;
  readonly out?: string;
}

/** What a profile may last at most, as the API counts it. */
const MINUTES_MAX = 60;

/** Records a CPU profile or takes a heap snapshot of a worker, and writes it to a file for a browser's tools. */
export async function profileCommand(name: string, flags: ProfileFlags, context: CommandContext): Promise<number> {
  const worker = parseWorker(flags.worker);
  const seconds = parseSeconds("--seconds", flags.seconds, 1, MINUTES_MAX * 60);
  const { process } = await chooseRemote(name, flags, context);
  const isHeap = flags.heap === true;
  const file = flags.out ?? `${name}-worker-${worker}.${isHeap ? "heapsnapshot" : "cpuprofile"}`;
  if (isHeap) context.writeErr(`Worker ${worker} of ${name} stands still while its heap is written.\n`);
  else await record({ process, name, worker, seconds }, context);
  const action = isHeap ? "dumpheap" : "stop";
  const content = await process.download(apiPath(name, "profiling", action, String(worker)));
  const bytes = await context.saveFile(file, content);
  if (flags.json === true) context.writeOut(`${JSON.stringify({ file, bytes })}\n`);
  else context.writeErr(`Wrote ${formatCount(bytes)} bytes to ${file}: open it in a browser's developer tools.\n`);
  return EXIT_DONE;
}

interface Recording {
  readonly process: RemoteProcess;
  readonly name: string;
  readonly worker: number;
  readonly seconds: number;
}

/** Resolves when the time is over, or is cut short by Ctrl-C: what was recorded until then is the profile. */
async function record({ process, name, worker, seconds }: Recording, context: CommandContext): Promise<void> {
  const stop = new AbortController();
  const unsubscribe = context.onInterrupt(() => stop.abort());
  try {
    // One minute more than is asked for: the command ends it, and it ends by itself should the command be killed.
    const minutes = Math.min(MINUTES_MAX, Math.ceil(seconds / 60) + 1);
    await process.post(apiPath(name, "profiling", "start", String(worker), String(minutes)));
    context.writeErr(`Profiling worker ${worker} of ${name} for ${seconds} s. Ctrl-C ends it earlier.\n`);
    await context.pause(seconds * 1000, stop.signal);
  } finally {
    unsubscribe();
  }
}
