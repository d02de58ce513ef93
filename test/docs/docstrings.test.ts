import { expect, test } from "vitest";
import { documented } from "./scan.ts";

test("all exports have a docstring, and so have the members of classes and interfaces", () => {
  const all = documented();
  expect(all.filter(({ isMember }) => !isMember).length).toBeGreaterThan(1000);
  expect(all.filter(({ hasDocs }) => !hasDocs).map(({ place }) => place)).toEqual([]);
});
