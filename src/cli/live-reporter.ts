import type { LiveState } from "../http/live-state.ts";
import type { CommandContext } from "./command-context.ts";
import { LiveScreen, messageScreen } from "./live-screen.ts";
import { liveLines } from "./live-table.ts";
import type { RunReporter } from "./progress-reporter.ts";

const TERMINAL_INTERVAL_MS = 1_000;
const PLAIN_INTERVAL_MS = 10_000;

/** Tells on stderr how a run goes, as a table of its components that is rewritten once a second. */
export class LiveReporter implements RunReporter {
  readonly #context: CommandContext;
  readonly #name: string;
  readonly #read: () => LiveState;
  readonly #screen: LiveScreen;
  readonly #stopTimer: () => void;
  #hasFailed = false;

  constructor(context: CommandContext, name: string, read: () => LiveState) {
    this.#context = context;
    this.#name = name;
    this.#read = read;
    this.#screen = new LiveScreen(messageScreen(context));
    const intervalMs = this.#screen.isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
    this.#stopTimer = context.every(intervalMs, () => this.#show());
  }

  say(message: string): void {
    const wasShown = this.#screen.isTerminal;
    this.#screen.clear();
    this.#context.writeErr(`${message}\n`);
    if (wasShown) this.#show();
  }

  /** The last numbers stay on the screen. */
  stop(): void {
    this.#stopTimer();
    this.#show();
  }

  /** What cannot be shown is said once: it must not end the run. */
  #show(): void {
    if (this.#hasFailed) return;
    try {
      this.#screen.show(liveLines(this.#name, this.#read()));
    } catch (error) {
      this.#hasFailed = true;
      this.#context.writeErr(`The table ends here: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
