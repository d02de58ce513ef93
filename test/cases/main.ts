/** `npm run cases [-- B E5 ...]`: a table of all cases, or of those whose ids begin so; exit code 1 if one is wrong. */
import { printTable } from "../../src/cli/terminal/table.ts";
import { runCase } from "./case.ts";
import { commands } from "./command.ts";
import { SECTIONS } from "./index.ts";

const SHOWN = 70;
const short = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}...` : text);

const wanted = process.argv.slice(2);
const cases = Object.values(SECTIONS)
  .flat()
  .filter(({ id }) => wanted.length === 0 || wanted.some((each) => id.startsWith(each)));
const rows: string[][] = [];
for (const each of cases) {
  const { out, ok } = await runCase(each);
  const right = each.right instanceof RegExp ? each.right.source : `${each.right}`;
  rows.push([each.id, each.input, short(out), short(right), ok ? "ok" : "WRONG"]);
}
commands.end();
console.log(printTable(["id", "input", "what comes out", "right", ""], rows));
const wrong = rows.filter((row) => row.at(-1) !== "ok").length;
console.log(`\n${rows.length} cases, ${wrong === 0 ? "all right" : `${wrong} wrong`}`);
process.exitCode = wrong === 0 ? 0 : 1;
