import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

const ANSWER_MS = 1_000;

/**
 * True when whoever listens on the port answers a request as is wanted; an open port alone says little. With `isTls`
 * it is asked over TLS, whoever has signed its certificate.
 */
export function answersOn(
  port: number,
  request: string | Buffer,
  isWanted: (answer: Buffer) => boolean,
  isTls = false,
): Promise<boolean> {
  return new Promise((resolve) => {
    const address = { host: "127.0.0.1", port };
    const socket = isTls ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
    const answer = (isGood: boolean) => {
      socket.destroy();
      resolve(isGood);
    };
    socket.setTimeout(ANSWER_MS, () => answer(false));
    socket.once("error", () => answer(false));
    socket.once("close", () => resolve(false));
    socket.once(isTls ? "secureConnect" : "connect", () => socket.write(request));
    socket.once("data", (bytes) => answer(isWanted(bytes)));
  });
}
