import { wordCountCommand } from "./command.ts";
import { plainCount } from "./plain-count.ts";

// The first Ctrl-C stops the job in order; the handler is gone by the second, which ends the process at once.
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());

process.exitCode = await wordCountCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  recount: plainCount,
});
