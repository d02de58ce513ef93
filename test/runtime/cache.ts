import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A folder in which native programs are kept until the tests of the file are over. */
export function temporaryCache(): string {
  const folder = mkdtempSync(join(tmpdir(), "surmise-native-"));
  beforeAll(() => {
    process.env.SURMISE_CACHE = folder;
  });
  afterAll(() => {
    delete process.env.SURMISE_CACHE;
    rmSync(folder, { recursive: true });
  });
  return folder;
}
