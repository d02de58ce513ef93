/** The command line in cases: files in a folder of their own, and what a command makes of them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { session } from "../cli/session.ts";

/** The process that command lines of cases run in. */
export const commands = session();

/** What `fit` is asked for in cases, unless they say otherwise. */
const FEW = ["--steps", "20", "--record-every", "10", "--draws", "20"];

/** What `surmise fit model.ts` says: "exit CODE" and all it prints. `files` by name, `model.ts` among them. */
export async function fitting(
  files: Readonly<Record<string, string | Uint8Array>>,
  words: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "surmise-case-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const table = Object.keys(files).find((name) => /\.(csv|json|tsv)$/.test(name));
    const data = table === undefined ? [] : ["--data", join(folder, table)];
    const out = ["--out", join(folder, "run")];
    const args = ["fit", join(folder, "model.ts"), ...data, ...out, ...FEW, ...words];
    const { code, stdout, stderr } = await commands.run(args, env);
    return `exit ${code}: ${stderr}${stdout}`.replaceAll(folder, "").trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
