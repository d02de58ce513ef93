import { beforeAll, describe, expect, test } from "vitest";
import { type Documented, documented } from "./scan.ts";

/** How many others have none yet: these numbers may only fall. */
const INTERNAL = { exports: 0, members: 198 };

describe("docstrings", () => {
  let missing: readonly Documented[];
  beforeAll(() => {
    const all = documented();
    expect(all.filter(({ isMember }) => !isMember).length).toBeGreaterThan(1000);
    missing = all.filter(({ hasDocs }) => !hasDocs);
  });

  test("all exports that an index.ts reaches have one, and all their members", () => {
    expect(missing.filter(({ isPublic }) => isPublic).map(({ place }) => place)).toEqual([]);
  });

  test("other exports lack it no more often than said", () => {
    const internal = missing.filter(({ isPublic }) => !isPublic);
    const places = internal.map(({ place }) => place).join("\n");
    const members = internal.filter(({ isMember }) => isMember).length;
    expect(internal.length - members, places).toBeLessThanOrEqual(INTERNAL.exports);
    expect(members, places).toBeLessThanOrEqual(INTERNAL.members);
  });
});
