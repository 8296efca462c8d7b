/**
 * A linear congruential step, cheap enough to draw one value per tuple without being what is measured.
 * Its high bits are good; its low bits are not, so draw with `>>>` from the top.
 */
export function nextRandom(state: number): number {
  return (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
}
