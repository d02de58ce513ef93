/** Hostile and unlucky model files and surroundings: answered in one line. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { begin } from "../cli/command.ts";
import type { Case } from "./case.ts";
import { fitting, inFolder, saying } from "./command.ts";
import { SCALE } from "./scale.ts";

const body = (text: string) => ({
  "model.ts": `import { dirichlet, model, normal } from "surmise";
import { constant, tensor } from "surmise/tensor";
export default model(({ sample, observe }) => {
${text}
});`,
});

const refused = (id: string, input: string, text: string, right: RegExp): Case => ({
  id,
  input,
  run: () => fitting(body(text)),
  right: new RegExp(`^exit 2: surmise: [^\n]*${right.source}`),
});

/** The same for a whole file. */
const refusedFile = (id: string, input: string, source: string, right: RegExp): Case => ({
  id,
  input,
  run: () => fitting({ "model.ts": source }),
  right: new RegExp(`^exit 2: surmise: [^\n]*${right.source}`),
});

/** In a process of its own, which it may end. */
const alone = (id: string, input: string, source: string, right: RegExp): Case => ({
  id,
  input,
  run: () =>
    inFolder({ "model.ts": source }, async (folder) => {
      const { code, stdout, stderr } = await begin([
        "fit",
        join(folder, "model.ts"),
        "--out",
        join(folder, "run"),
      ]).ended;
      // A machine under load is told what takes long, in lines before the one that counts.
      return `exit ${code}: ${stderr.replace(/^surmise: .*; Ctrl-C stops it\n/gm, "")}${stdout}`;
    }),
  right: new RegExp(`^exit 2: surmise: [^\n]*${right.source}[^\n]*\n$`),
});

/** Names of folders and files that mean something in addresses, shells or languages. */
const inPath = (id: string, name: string): Case => ({
  id,
  input: `a model file and its table in '${name}'`,
  run: () =>
    inFolder({}, async (folder) => {
      const place = join(folder, name);
      mkdirSync(place, { recursive: true });
      writeFileSync(
        join(place, `${name}.ts`),
        `import { type Columns, model, normal } from "surmise";
import { sd } from "./${encodeURIComponent("lib")}.ts";
export default model(({ sample, observe, plate }, { row, column }: Columns) => {
  const z = sample("z", normal(0, sd));
  plate(row, () => observe("y", normal(z, 1), column("y")));
});`,
      );
      writeFileSync(join(place, "lib.ts"), "export const sd = 1;");
      writeFileSync(join(place, `${name}.csv`), "y\n1\n2\n");
      const data = ["--data", join(place, `${name}.csv`)];
      const out = ["--out", join(place, "run"), "--steps", "10"];
      return saying(["fit", join(place, `${name}.ts`), ...data, ...out]);
    }),
  right: /^exit 0/,
});

/** Model files and surroundings. */
export const D: readonly Case[] = [
  refused("D1", "throw null in a model", "throw null;", /null/),
  refused("D2", "throw undefined in a model", "throw undefined;", /undefined/),
  refused("D3", "a text thrown in a model", 'throw "a text";', /a text/),
  refused("D4", "a site called __proto__", 'sample("__proto__", normal(0, 1));', /__proto__/),
  refused(
    "D5",
    "dirichlet(tensor) without an axis",
    'sample("p", dirichlet(constant(1) as never, undefined as never));',
    /dirichlet: undefined is no axis/,
  ),
  refusedFile("D6", "nothing exported", "export const x = 1;", /default export is missing/),
  refusedFile("D6b", "a number exported", "export default 3;", /default export is a number/),
  refusedFile("D6c", "a syntax error", "export default (;", /cannot load/),
  refusedFile("D6d", "null thrown at the top", "throw null;", /throws null/),
  refusedFile(
    "D6e",
    "a module that is not there",
    'import "./none.ts"; export default () => {};',
    /none/,
  ),
  alone(
    "D7",
    "a promise that rejects",
    'import { normal } from "surmise";\nexport default ({ sample }) => { sample("z", normal(0, 1)); Promise.reject(new Error("later")); };',
    /later/,
  ),
  alone(
    "D7b",
    "a promise returned that rejects",
    'export default async () => { throw new Error("later"); };',
    /promise/,
  ),
  alone(
    "D7c",
    "process.exit in the model",
    "export default () => { process.exit(0); };",
    /process\.exit/,
  ),
  alone(
    "D7d",
    "a wait for nothing",
    "await new Promise(() => {}); export default () => {};",
    /never comes/,
  ),
  ...[
    "a b",
    "a#b",
    "a%b",
    "a%20b",

    "ä 模型",
    "a'b",
    "a&b;c",
    "a+b@c",
    "[a](b)",
    "$HOME",
  ].map((name, i) => inPath(`D8${"abcdefghij"[i]}`, name)),
  {
    id: "D9",
    input: "HOME=/proc/1/x surmise doctor",
    run: () =>
      begin(["doctor"], { HOME: "/proc/1/x", XDG_CACHE_HOME: "" }).ended.then(
        ({ code, stdout, stderr }) => `exit ${code}: ${stderr}${stdout}`,
      ),
    right: /^exit 0: .*Programs are WebAssembly: .*cannot be used/s,
  },
  {
    id: "D9b",
    input: "HOME=/dev/null surmise doctor",
    run: () =>
      begin(["doctor"], { HOME: "/dev/null", XDG_CACHE_HOME: "" }).ended.then(
        ({ code, stdout, stderr }) => `exit ${code}: ${stderr}${stdout}`,
      ),
    right: /^exit 0: .*Programs are WebAssembly: .*cannot be used/s,
  },
  {
    id: "D8x",
    input: "a model file 'a?b.ts'",
    run: () =>
      inFolder({ "a?b.ts": "export default () => {};" }, (folder) =>
        saying(["fit", join(folder, "a?b.ts"), "--out", join(folder, "run")]),
      ),
    right: /^exit 2: surmise: '.*a\?b\.ts': .*rename it/,
  },
  {
    id: "D10",
    input: "an ending that no table has",
    run: () => fitting({ ...body("throw 1;"), "t.json": "" }, ["--data", "/dev/zero"]),
    right: /^exit 2: surmise: '\/dev\/zero': tables are read from files that end in/,
  },
  ...SCALE,
];
