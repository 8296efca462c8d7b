let compiledCount = 0;

/**
 * A function made from source at run time; null where the process forbids it
 * (`--disallow-code-generation-from-strings`).
 *
 * Why at all: V8 keeps what it learns about types per function text. Code shared by all schemas sees the shapes of
 * all of them; measured with sixteen schemas, reading a tuple costs nine times as much through shared code, and
 * appending a row twice as much. Callers keep an ordinary version beside it, and a test that both do the same.
 *
 * @param body never contains text from outside: no names, no values, only what the caller computed itself
 */
export function tryCompile<F>(parameters: readonly string[], body: string): F | null {
  try {
    // V8 finds equal sources equal and would share what it learns after all: the number makes each its own.
    return new Function(...parameters, `"use strict"; // ${compiledCount++}\n${body}`) as unknown as F;
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}
