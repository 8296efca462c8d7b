import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client of a server that answers each message with one line. */
export class LineClient {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<LineClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new LineClient(socket.setEncoding("utf8"));
  }

  /** The server's answer and how long it took, in ms. */
  async ask(): Promise<{ line: string; tookMs: number }> {
    const start = performance.now();
    const answered = once(this.#socket, "data");
    this.#socket.write("?\n");
    const [line] = (await answered) as [string];
    return { line: line.trim(), tookMs: performance.now() - start };
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!;
}
