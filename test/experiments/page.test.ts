import { expect, test } from "vitest";
import { laterHeights } from "../../src/experiments/index.ts";

test("the axis of a curve of training shows its later half, with some room", () => {
  const bound = [-1600, -300, -130, -120, -110, -100];
  expect(laterHeights([{ name: "bound", x: [1, 2, 3, 4, 5, 6], y: bound }])).toEqual([-122, -98]);
  const lost = [5, 4, Number.NaN, Number.NaN];
  expect(laterHeights([{ name: "lost", x: [1, 2, 3, 4], y: lost }])).toBeUndefined();
  expect(laterHeights([])).toBeUndefined();
});

test("a curve of few points is shown whole", () => {
  expect(laterHeights([{ name: "bound", x: [1, 2, 3], y: [-300, -200, -100] }])).toEqual([
    -320, -80,
  ]);
});
