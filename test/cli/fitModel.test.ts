/** `surmise fit MODEL.ts --data FILE`, in folders that know nothing of surmise. */

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { encode } from "fast-png";
import { afterAll, describe, expect, test, vi } from "vitest";
import { surmise as main } from "../../src/cli/program.ts";
import { modelFiles } from "../../src/problems/index.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { readParquet } from "../runs/parquetFiles.ts";
import { readZarr } from "../runs/zarrFiles.ts";
import { project as projectIn, SCHOOLS } from "./schools.ts";
import { session } from "./session.ts";

const newFolder = temporaryFolders();
const { run: surmise, end } = session();
afterAll(end);
const project = (source?: string, table?: string) => projectIn(newFolder(), source, table);

describe("surmise fit MODEL.ts", () => {
  test("shows the posterior with labels, and where the files are", async () => {
    const { fit: words, out } = project();
    const { code, stdout, stderr } = await surmise([...words, "--steps", "300"]);
    expect(stderr).toContain("training");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^schools on table.csv by vi \(--steps is for methods that train\), into .*run\n/,
    );
    expect(stdout).toMatch(/^ +mean +sd +5% +95% +ESS$/m);
    expect(stdout).toMatch(/^theta\[A\] +-?[\d.]+ +[\d.]+ +-?[\d.]+ +-?[\d.]+ +\d+$/m);
    expect(stdout).toContain(`report   ${modelFiles(out).report}\n`);
    expect(readFileSync(modelFiles(out).report, "utf8")).toContain("<td>theta[D]</td>");
  });

  test("without --method takes what suits the model, and says why", async () => {
    const { fit: words, out, model } = project();
    const { code, stdout } = await surmise([...words, "--draws", "50"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^schools on table.csv by nuts \(all latents are continuous\), into /);
    const told = await surmise(["fit", model, "--resume", out, "--json"]);
    const { method, reason } = JSON.parse(told.stdout);
    expect([method, reason]).toEqual(["nuts", "all latents are continuous"]);
    expect(stdout).toMatch(/^draws +\d+ of (each of \d+ chains|one chain)$/m);
    const sampled = await surmise([
      ...words.slice(0, -1),
      `${out}-2`,
      "--warmup",
      "50",
      "--draws",
      "50",
    ]);
    expect(sampled.stdout).toMatch(/by nuts \(--warmup is for chains\)/);
    const counts = project(`
      import { constant, model, normal, poisson } from "surmise";
      export default model(({ sample, observe }) => {
        observe("y", normal(sample("n", poisson(3)), 1), constant(2));
      });
    `);
    const drawn = await surmise([...counts.fit, "--steps", "20", "--draws", "20"]);
    expect(drawn.stdout).toMatch(/by rws \(latent 'n' has values without end, which cannot be /);
  });

  test("--quiet tells nothing where there is nothing to warn of", async () => {
    const { fit: words, out } = project();
    const { code, stdout, stderr } = await surmise([...words, "--steps", "300", "--quiet"]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toContain("training");
    expect(readFileSync(modelFiles(out).report, "utf8")).toContain("<td>theta[D]</td>");
  });

  test("--json names the files: Parquet and ArviZ say the same", async () => {
    const { fit: words, out } = project();
    const args = [...words, "--steps", "200", "--method", "mp", "--draws", "50", "--json"];
    const { code, stdout } = await surmise(args);
    expect(code).toBe(0);
    const { method, summary, files } = JSON.parse(stdout);
    expect(method).toBe("mp");
    expect(files).toEqual(modelFiles(out));
    const rows = await readParquet(files.summary);
    expect(rows.map(({ name }) => name)).toEqual([
      ...["mean", "spread", "grown", "theta[A]", "theta[B]", "theta[C]", "theta[D]"],
    ]);
    expect(rows.map(({ mean }) => mean)).toEqual(summary.map((row: { mean: number }) => row.mean));
    expect(rows[0].ess).toBeGreaterThan(5);

    const draws = await readParquet(files.draws);
    const array = (path: string) => readZarr(files.posterior, path);
    const theta = await array("posterior/theta");
    expect(theta.dimensions).toEqual(["chain", "draw", "school"]);
    expect(theta.shape).toEqual([1, 50, 4]);
    expect((await array("posterior/school")).data).toEqual(["A", "B", "C", "D"]);
    const grown = (await array("posterior/grown")).data;
    expect(draws.length).toBe(50);
    draws.forEach((row, d) => {
      expect(theta.data[4 * d + 2]).toBe(row["theta[C]"]);
      expect(grown[d]).toBeCloseTo(Math.exp(0.1 * row.mean), 5);
    });
  });

  test("fits a guide written by hand, and parameters of the model", async () => {
    const { model, out } = project(`
      import { constant, exp, model, normal, zeros } from "surmise";
      export default model(({ sample, observe, param }) => {
        const shift = param("shift", [], { init: zeros });
        const z = sample("z", normal(0, 1));
        observe("y", normal(z.add(shift), 1), constant(3));
      });
      export const guide = model(({ sample, param }) => {
        const sd = exp(param("logSd", [], { init: zeros }));
        sample("z", normal(param("m", [], { init: zeros }), sd));
      });
    `);
    const { code, stdout } = await surmise(["fit", model, "--out", out, "--json"]);
    expect(code).toBe(0);
    const { summary } = JSON.parse(stdout);
    const [shift, z] = summary;
    expect([shift.site, z.site]).toEqual(["shift", "z"]);
    // The most likely shift is 3; then z has the posterior N(0, 1/2).
    expect(Math.abs(shift.mean - 3)).toBeLessThan(0.05);
    expect(shift.sd).toBe(0);
    expect(Math.abs(z.mean)).toBeLessThan((4 * Math.SQRT1_2) / Math.sqrt(1000) + 0.05);
    expect(Math.abs(z.sd - Math.SQRT1_2)).toBeLessThan(0.1);
  });
});

describe("surmise check", () => {
  test("shows data beside draws from the priors, and warns", async () => {
    const { model, data } = project();
    const { code, stdout, stderr } = await surmise(["check", model, "--data", data, "--seed", "1"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^schools.ts on table.csv: 1000 draws from the priors\n/);
    expect(stdout).toMatch(/^effect, data +10 +12\.99 +-3 /m);
    expect(stdout).toMatch(/^theta +-?[\d.]+/m);
    expect(stdout).toContain("The data lie among the draws from the priors.");
    const far = project(SCHOOLS.replace("normal(0, 5)", "normal(5000, 5)"));
    const store = `${far.out}.zarr`;
    const args = [
      "check",
      far.model,
      "--data",
      far.data,
      "--draws",
      "200",
      "--json",
      "--out",
      store,
    ];
    const warned = await surmise(args);
    expect(warned.code).toBe(0);
    const { draws, observed, warnings } = JSON.parse(warned.stdout);
    expect([draws, observed[0].site, observed[0].outside]).toEqual([200, "effect", 4]);
    expect(warnings[0]).toMatch(/4 of 4 values of 'effect' lie outside of all 200 draws/);
    expect(warned.stderr).toContain(`surmise: ${warnings[0]}\n`);
    const drawn = await readZarr(store, "prior_predictive/effect");
    expect([drawn.dimensions, drawn.shape]).toEqual([
      ["chain", "draw", "school"],
      [1, 200, 4],
    ]);
    const values = drawn.data.map(Number);
    const mean = values.reduce((a, x) => a + x, 0) / values.length;
    expect(observed[0].prior.mean).toBeCloseTo(mean, 6);
    expect((await readZarr(store, "prior/theta")).shape).toEqual([1, 200, 4]);
    expect((await readZarr(store, "observed_data/effect")).data).toEqual([28, 8, -3, 7]);
    expect((await surmise(args)).stderr).toMatch(/is there already: choose another name/);
  });

  test("refuses what is no model file", async () => {
    const { code, stderr } = await surmise(["check", "vae"]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/check: 'vae' is no model file: /)]);
  });
});

describe("--predict, and surmise compare", () => {
  test("checks predictions, leaves observations out, and compares two fits", async () => {
    const own = project();
    const more = ["--warmup", "100", "--draws", "100", "--predict"];
    const { code, stdout } = await surmise([...own.fit, ...more]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^predictions +data +5% +50% +95% +p$/m);
    expect(stdout).toMatch(/^mean of effect +10 +-?[\d.]+ +/m);
    expect(stdout).toMatch(/^elpd \(loo\) +-1\d\.\d\d ± \d\.\d\d nats, effective parameters/m);
    expect(stdout).toMatch(/^loo +.*loo.parquet$/m);
    const { posterior } = modelFiles(own.out);
    const array = (path: string) => readZarr(posterior, path);
    expect((await array("posterior_predictive/effect")).shape).toEqual([4, 100, 4]);
    const nats = await array("log_likelihood/effect");
    expect(nats.dimensions).toEqual(["chain", "draw", "school"]);
    const theta = (await array("posterior/theta")).data.map(Number);
    const z = (28 - theta[0]) / 15;
    const density = -0.5 * z * z - Math.log(15) - 0.5 * Math.log(2 * Math.PI);
    expect(Number(nats.data[0])).toBeCloseTo(density, 10);

    const wide = project(SCHOOLS.replace("normal(0, 5)", "normal(100, 0.1)"));
    await surmise([...wide.fit, ...more]);
    const told = await surmise(["compare", wide.out, own.out]);
    expect(told.code).toBe(0);
    const [head, , best, second] = told.stdout.split("\n");
    expect(head).toMatch(/elpd +± se +difference +± se +k-hat too large$/);
    expect([best.startsWith(own.out), second.startsWith(wide.out)]).toEqual([true, true]);
    expect(told.stderr).toContain("with 4 observations, fewer than 100, standard errors are too");
    const json = await surmise(["compare", own.out, wide.out, "--json"]);
    const { models, observations } = JSON.parse(json.stdout);
    expect([observations, models[0].name, models[0].difference]).toEqual([4, own.out, 0]);
    expect(models[1].difference).toBeLessThan(0);

    const other = project(SCHOOLS, "school,effect,error\nA,28,15\nB,9,10\nC,-3,16\nD,7,11\n");
    await surmise([...other.fit, "--steps", "50", "--draws", "100", "--predict"]);
    const refused = await surmise(["compare", own.out, other.out]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/differ in the data \(effect\[B\] is 8 there and 9 here\)/);
  });

  test("refuses what has no spread, no predictions or no fit", async () => {
    const { fit: words, out } = project();
    const point = await surmise([...words, "--method", "map", "--predict"]);
    expect([point.code, point.stderr]).toEqual([
      2,
      expect.stringMatching(/--predict is of no use to method map/),
    ]);
    const alone = await surmise(["compare", out]);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringMatching(/two fits or more/)]);
    const none = await surmise(["compare", out, `${out}2`]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/no run/)]);
  });
});

describe("what goes wrong is told in words", () => {
  test("in model files", async () => {
    const sources = {
      "no default export": ["export const x = 1;", /default export is missing, not a model: write/],
      "another default export": ["export default 3;", /default export is a number, not a model/],
      "a guide that is none": [`${SCHOOLS} export const guide = 3;`, /'guide' is a number/],
      "a file that does not compile": ["export default (;", /^cannot load '.*schools.ts': /],
      "a mistake in the model": [
        'import { normal } from "surmise";\nexport default ({ sample }) =>\n  sample("z", normal(0, 1)).times(2);',
        /schools.ts': .*times is not a function\. A tensor is no array.*\n {2}schools.ts, line 3: sample\("z"/,
      ],
      "a parameter outside its set": [
        'import { normal } from "surmise";\nexport default ({ sample }) => {\n  sample("z", normal(0, -1));\n};',
        /^normal: sd must be greater than 0 and finite, not -1\n {2}schools.ts, line 3: sample\("z"/,
      ],
      "an observation without data": [
        'import { normal } from "surmise";\nexport default ({ observe }) =>\n  observe("y", normal(0, 1));',
        /^observe 'y' has no value: .*\n {2}schools.ts, line 3: observe\("y", normal\(0, 1\)\);$/,
      ],
      "a latent that its guide lacks": [
        'import { normal } from "surmise";\nexport const guide = () => {};\nexport default ({ sample }) =>\n  sample("z", normal(0, 1));',
        /^latent 'z' of the model is missing in the guide: .*\n {2}schools.ts, line 4: /,
      ],
      "no data": [
        SCHOOLS,
        /schools.ts' asks for data: give it a table, or an array, with --data FILE/,
      ],
    } as const;
    const files = Object.values(sources).map(([source]) => project(source).model);
    const script = join(import.meta.dirname, "fixtures/loadModels.ts");
    const args = ["--import", import.meta.resolve("tsx"), script, ...files];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const messages: string[] = JSON.parse(stdout);
    Object.entries(sources).forEach(([what, [, message]], i) => {
      expect(messages[i], what).toMatch(message);
    });
  });

  test.each([
    [["none.ts"], /there is no file '.*none.ts'/],
    [
      ["m.ts", "--method", "slice"],
      /--method is slice: it must be one of vi, lowrank, fullcov, structured,/,
    ],
    [
      ["m.ts", "--latents", "3"],
      /unknown setting --latents: the known ones are model, --data, --met/,
    ],
    [
      ["m.ts", "--method", "nuts", "--steps", "10"],
      /--steps is of no use to method nuts, which samples and has --until, --warmup, --chains, --target-accept, /,
    ],
    [
      ["m.ts", "--method", "vi", "--chains", "2"],
      /--chains is of no use to method vi, which trains and has --steps, --optimizer, --lr, /,
    ],
    [
      ["m.ts", "--method", "nuts", "--target-accept", "1", "--max-depth", "30", "--init", "far"],
      /--target-accept is 1: it must be a number between 0 and 1; --max-depth is 30: .*1 to 20; --init is far: /,
    ],
    [["vae", "--draws", "3"], /unknown setting --draws: /],
  ])("%s", async (words, message) => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const code = await main(["fit", ...words]);
    expect(write.mock.calls.map(([text]) => String(text)).join("")).toMatch(message);
    expect(code).toBe(2);
    write.mockRestore();
  });
});

describe("pictures as data", () => {
  const PICTURES = `
import { type Arrays, cast, gather, model, normal } from "surmise";
export default model(({ sample, observe, plate }, { array, labels }: Arrays) => {
  const grey = array("picture", "row", "column");
  const [picture, row, column] = grey.axes;
  const { axis, positions } = labels("kind");
  const light = plate(axis, () => sample("light", normal(0, 100)));
  plate(picture, () => {
    observe("grey", normal(gather(light, axis, positions), 1).event(row, column), cast(grey, "float32"));
  });
});
`;

  test("a folder for each kind; tables and arrays are told apart", async () => {
    const { model, fit: words, out } = project(PICTURES);
    const folder = newFolder();
    for (const [name, light] of [
      ["day", 200],
      ["night", 20],
    ] as const) {
      mkdirSync(join(folder, name));
      for (const i of [1, 2]) {
        const data = new Uint8Array(4).fill(light + i);
        writeFileSync(
          join(folder, name, `${i}.png`),
          encode({ width: 2, height: 2, channels: 1, data }),
        );
      }
    }
    const args = ["fit", model, "--data", folder, "--out", out, "--method", "vi", "--json"];
    const { stdout, code } = await surmise(args);
    expect(code).toBe(0);
    // 8 pixels of each kind, whose sd is 1.
    const means = JSON.parse(stdout).summary.map(({ mean }: { mean: number }) => mean);
    expect(Math.abs(means[0] - 201.5)).toBeLessThan(0.1);
    expect(Math.abs(means[1] - 21.5)).toBeLessThan(0.1);
    const { stderr } = await surmise([...words.slice(0, -1), `${out}-2`]);
    expect(stderr).toContain("asks for array, but");
    expect(stderr).toContain("holds a table: take its columns by column(NAME)");
  });
});

describe("float64", () => {
  /** Minutes after a moment in unix seconds, exactly known but for one mean. */
  const SECONDS = `
import { type Columns, model, normal } from "surmise";

export default model(({ sample, observe, plate, deterministic }, { row, column }: Columns) => {
  const late = sample("late", normal(0, 1));
  const minutes = column("ts").sub(1.7e9).mul(1 / 60);
  plate(row, () => {
    deterministic("minutes", minutes);
    observe("y", normal(late, 1), column("y"));
  });
});
`;
  const TIMES = "ts,y\n1700000000,1\n1700000033,2\n1700000128,3\n1700000129,2\n";
  const run = (...words: string[]) => {
    const { fit, out } = project(SECONDS, TIMES);
    return surmise([...fit, "--steps", "50", "--draws", "20", "--json", ...words]).then(
      (ended) => ({ ...ended, out }),
    );
  };
  test("is what model files are computed in, unless they are asked for float32", async () => {
    const { code, stdout, out } = await run();
    expect(code).toBe(0);
    const { summary } = JSON.parse(stdout) as { summary: { site: string; mean: number }[] };
    const minutes = summary.filter(({ site }) => site === "minutes").map(({ mean }) => mean);
    minutes.forEach((x, i) => {
      expect(Math.abs(x - [0, 33, 128, 129][i] / 60)).toBeLessThan(1e-14);
    });
    const draws = await readParquet(modelFiles(out).draws);
    expect(draws.some(({ late }) => Math.fround(late) !== late)).toBe(true);
    expect(JSON.parse((await run("--float64")).stdout).summary).toEqual(summary);
  });
  test("float32 refuses seconds that it does not have", async () => {
    const { code, stderr } = await run("--float32");
    expect(code).toBe(2);
    expect(stderr).toContain("1700000033");
    expect(stderr).toContain("--float64");
    expect((await run("--float32", "--float64")).code).not.toBe(0);
  });
});
