/** Numbers that are near others. */
import { expect } from "vitest";

/** Each number differs from the expected one by less than `within` times one more than that. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  within: number,
): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) {
    expect(Math.abs(found[i] - expected[i]), `element ${i}`).toBeLessThan(
      within * (1 + Math.abs(expected[i])),
    );
  }
}
