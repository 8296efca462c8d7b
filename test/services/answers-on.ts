import { connect } from "node:net";

const ANSWER_MS = 1_000;

/** True when whoever listens on the port answers a request as is wanted; an open port alone says little. */
export function answersOn(
  port: number,
  request: string | Buffer,
  isWanted: (answer: Buffer) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const answer = (isGood: boolean) => {
      socket.destroy();
      resolve(isGood);
    };
    socket.setTimeout(ANSWER_MS, () => answer(false));
    socket.once("error", () => answer(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.write(request));
    socket.once("data", (bytes) => answer(isWanted(bytes)));
  });
}
