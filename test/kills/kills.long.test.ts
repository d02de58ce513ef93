/** Fits that are killed end, when resumed, as if they had not been. `npm run kills` kills more of them. */
import { expect, test } from "vitest";
import { kills } from "./kills.ts";

test("twelve kills, twelve equal ends, no draft left", async () => {
  for await (const { when, fault } of kills(12)) expect(fault, `killed ${when}`).toBe(undefined);
});
