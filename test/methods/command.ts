/**
 * `npm run methods [-- --out FOLDER --models A,B --methods vi,nuts --page --references]`: every method at its defaults on
 * models of known answers. Rows are kept in a folder and not measured again; `--page` writes
 * docs/choosing-a-method.md, `--references` the moments of long runs for models that have none.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { longRun, MEASURED, measure, references } from "./measure.ts";
import { MODELS } from "./models.ts";
import { PAGE, page } from "./page.ts";
import { addRow, readRows } from "./rows.ts";
import { countTable, errorTable, notes } from "./table.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "surmise-methods" },
    models: { type: "string" },
    methods: { type: "string" },
    page: { type: "boolean", default: false },
    references: { type: "boolean", default: false },
  },
});
const among = <T extends string>(given: string | undefined, all: readonly T[]) =>
  given === undefined ? all : all.filter((name) => given.split(",").includes(name));
const models = among(values.models, Object.keys(MODELS));
const methods = among(values.methods, MEASURED);

async function writeReferences(): Promise<void> {
  const known = references();
  for (const name of models) {
    if (MODELS[name].moments !== undefined || Object.hasOwn(known, name)) continue;
    const { moments, rHat } = await longRun(MODELS[name]);
    console.error(`${name}: R-hat ${rHat.toFixed(4)}`);
    known[name] = moments;
    writeFileSync(
      new URL("references.json", import.meta.url),
      `${JSON.stringify(known, undefined, 1)}\n`,
    );
  }
}

async function measureAll(): Promise<void> {
  const done = new Set(readRows(values.out).map(({ model, method }) => `${model}\n${method}`));
  for (const name of models) {
    for (const method of methods) {
      if (done.has(`${name}\n${method}`)) continue;
      const row = await measure(name, MODELS[name], method);
      addRow(values.out, row);
      console.error(`${name} by ${method}: ${row.seconds.toFixed(1)} s`);
    }
  }
}

if (values.references) await writeReferences();
else {
  await measureAll();
  const wanted = readRows(values.out).filter(({ model }) => models.includes(model));
  if (values.page) writeFileSync(PAGE, page(wanted));
  console.log([errorTable(wanted), countTable(wanted), ...notes(wanted)].join("\n\n"));
}
