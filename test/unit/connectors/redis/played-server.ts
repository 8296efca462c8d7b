import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";

/** What is said to a command: an answer as it stands on the wire, or null for none. */
export type Answer = (command: readonly string[], connection: number) => string | null | Promise<string | null>;

/** A server that says what the test wants, and that leaves a connection open when the other side ends it. */
export class PlayedServer {
  /** Connections that were made. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: Answer) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const connection = ++this.connections;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      let said = Promise.resolve();
      socket.on("data", (bytes) => {
        for (const command of commandsIn(bytes.toString())) {
          said = said.then(async () => {
            const text =
              command[0] === "info" ? await infoOf(answer, command, connection) : await answer(command, connection);
            if (text !== null && socket.writable) socket.write(text);
          });
        }
      });
    });
  }

  static async start(answer: Answer): Promise<PlayedServer> {
    const played = new PlayedServer(answer);
    await new Promise<void>((resolve) => played.#server.listen(0, "127.0.0.1", resolve));
    return played;
  }

  /** Connections that the other side has not ended. */
  get open(): number {
    return [...this.#sockets].filter((socket) => !socket.readableEnded && !socket.destroyed).length;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The question with which a client begins: whether the server has read its data. */
async function infoOf(answer: Answer, command: readonly string[], connection: number): Promise<string | null> {
  const text = await answer(command, connection);
  return text === null ? null : "$9\r\nloading:0\r\n";
}

/** Names in lower case. Whole commands only, which small ones on one machine are. */
function commandsIn(text: string): string[][] {
  const parts = text.split("\r\n");
  const commands: string[][] = [];
  for (let at = 0; parts[at]?.startsWith("*"); ) {
    const count = Number(parts[at]!.slice(1));
    const words = Array.from({ length: count }, (_, k) => parts[at + 2 + 2 * k]!);
    commands.push([words[0]!.toLowerCase(), ...words.slice(1)]);
    at += 1 + 2 * count;
  }
  return commands;
}
