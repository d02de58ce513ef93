/** Every case comes out right. */
import { afterAll, describe, expect, test } from "vitest";
import { runCase } from "./case.ts";
import { commands } from "./command.ts";
import { SECTIONS } from "./index.ts";

afterAll(() => commands.end());

describe.each(Object.entries(SECTIONS))("section %s", (_, cases) => {
  test.each(
    cases.filter(({ heavy }) => !heavy).map((each) => [each.id, each.input, each] as const),
  )("%s: %s", async (...[, , each]) => {
    const { out, ok } = await runCase(each);
    expect(ok, out).toBe(true);
  });
});

test("each case has an id of its own, of its section", () => {
  for (const [section, cases] of Object.entries(SECTIONS)) {
    const ids = cases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.startsWith(section))).toBe(true);
  }
});
