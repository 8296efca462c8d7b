/** Imported by user code while it runs. */
export function half(n: number): number {
  return n / 2;
}
