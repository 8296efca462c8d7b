import type { UiError } from "./ui-source.ts";

export const ERRORS_MAX = 200;
export const TEXT_LENGTH_MAX = 8_192;

/** The last errors of a topology, the newest first: bounded in number and length. */
export class ErrorBook {
  readonly #errors: UiError[] = [];
  #count = 0;

  add(error: Omit<UiError, "number" | "text"> & { readonly error: Error | string }): void {
    const { error: cause, ...facts } = error;
    this.#count += 1;
    this.#errors.unshift({ ...facts, number: this.#count, text: textOf(cause).slice(0, TEXT_LENGTH_MAX) });
    this.#errors.length = Math.min(this.#errors.length, ERRORS_MAX);
  }

  newestFirst(): readonly UiError[] {
    return this.#errors;
  }
}

/** Causes may go in a circle. */
const CAUSES_MAX = 5;

function textOf(error: Error | string): string {
  if (typeof error === "string") return error;
  const texts: string[] = [];
  for (let at: unknown = error; at instanceof Error && texts.length < CAUSES_MAX; at = at.cause) {
    texts.push(at.stack ?? `${at.name}: ${at.message}`);
  }
  return texts.join("\nCaused by: ");
}
