/** The command line in cases: files in a folder of their own, and what a command makes of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { session } from "../cli/session.ts";

/** The process that command lines of cases run in. */
export const commands = session();

/** What `fit` is asked for in cases, unless they say otherwise. */
const FEW = ["--steps", "20", "--record-every", "10", "--draws", "20"];

/** Does `work` in a folder of its own that holds `files`; the folder's name is taken out of what it says. */
export async function inFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (folder: string) => Promise<string>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "surmise-case-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return (await work(folder)).replaceAll(folder, "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `surmise ARGS` says: "exit CODE: " and all it prints. */
export async function saying(args: readonly string[], env?: Record<string, string>) {
  const { code, stdout, stderr } = await commands.run(args, env);
  return `exit ${code}: ${stderr}${stdout}`.trim();
}

/** What `surmise fit model.ts` says. `files` by name, `model.ts` and perhaps a table among them. */
export function fitting(
  files: Readonly<Record<string, string | Uint8Array>>,
  words: readonly string[] = [],
): Promise<string> {
  const table = Object.keys(files).find((name) => /\.(csv|json|tsv)$/.test(name));
  return inFolder(files, (folder) => {
    const data = table === undefined ? [] : ["--data", join(folder, table)];
    return saying([
      "fit",
      join(folder, "model.ts"),
      ...data,
      "--out",
      join(folder, "run"),
      ...FEW,
      ...words,
    ]);
  });
}
