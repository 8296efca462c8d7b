import type { OnceOperation } from "./once-store.ts";

type Token = Pick<OnceOperation, "message" | "attempt">;

/** What `onceToken` holds of a row. */
export function writeToken({ message, attempt }: Token): string {
  return `${message}.${attempt}`;
}

/** See writeToken. */
export function readToken(text: string): Token {
  const end = text.lastIndexOf(".");
  return { message: text.slice(0, end), attempt: Number(text.slice(end + 1)) };
}
