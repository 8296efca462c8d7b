import type { CommandContext } from "../command-context.ts";
import { supervise } from "../supervisor.ts";

/** Restarts within ten minutes before a job is given up. */
const RESTARTS_MAX = 10;

/** Runs the same command line without its flag `--supervise` in a child process, again and again while it fails. */
export function superviseCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const own = args.filter((arg) => arg !== "--supervise");
  return supervise({
    start: () => context.startChild(own),
    nowMs: () => context.clock.nowMs(),
    pause: context.pause,
    onInterrupt: context.onInterrupt,
    say: (message) => context.writeErr(`${message}\n`),
    restartsMax: RESTARTS_MAX,
  });
}
