/** `surmise predict`: a normal with known spreads, whose predictions are closed forms. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolders } from "../runs/folders.ts";
import { project } from "./schools.ts";
import { session } from "./session.ts";

const MODEL = `
  import { type Columns, gather, model, normal } from "surmise";
  export default model(({ sample, observe, plate }, { row, axisOf, indexOf, column, standardised }: Columns) => {
    const county = axisOf("county");
    const base = plate(county, () => sample("base", normal(0, 2)));
    const mean = gather(base, county, indexOf("county")).add(standardised("size"));
    plate(row, () => observe("y", normal(mean, 1), column("y")));
  });
`;
/** Sizes have mean 2 and standard deviation 1; what they do not explain is 1, 2, 3 and 2 in Alba, and 5 in Bern. */
const TABLE = "county,size,y\nAlba,1,0\nAlba,3,3\nBern,2,5\nAlba,1,2\nAlba,3,3\n";

const newFolder = temporaryFolders();
const { run: surmise, end } = session();
afterAll(end);
const folder = newFolder();
const { fit, out, model } = project(folder, MODEL, TABLE);
const rows = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(async () => {
  const { code } = await surmise([...fit, "--method", "nuts", "--seed", "3"]);
  expect(code).toBe(0);
});

describe("surmise predict", () => {
  test("takes known labels from the fit, draws new ones, and centres as the fit did", async () => {
    const data = rows("new.csv", "size,county\n3,Zug\n2,Alba\n2,Bern\n");
    const { code, stdout } = await surmise(["predict", out, "--data", data, "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(found.draws).toBe(4000);
    const right = [
      ["new 1", 1, Math.sqrt(4 + 1)],
      ["new 2", 8 / (1 / 4 + 4), Math.sqrt(1 / (1 / 4 + 4) + 1)],
      ["new 3", 5 / (1 / 4 + 1), Math.sqrt(1 / (1 / 4 + 1) + 1)],
    ] as const;
    for (const [i, [element, mean, sd]] of right.entries()) {
      expect(found.rows[i].element).toEqual([element]);
      // Four standard errors of 2000 independent draws.
      expect(Math.abs(found.rows[i].mean - mean)).toBeLessThan((4 * sd) / Math.sqrt(2000));
      expect(Math.abs(found.rows[i].sd / sd - 1)).toBeLessThan(4 / Math.sqrt(2 * 2000));
    }
  });

  test("writes a table of all predictions", async () => {
    const data = rows("more.csv", "size,county\n2,Alba\n");
    const file = join(folder, "predicted.csv");
    const { code, stdout } = await surmise(["predict", out, "--data", data, "--out", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^y\[new 1\] +\d\.\d+ +1\.\d+/m);
    expect(readFileSync(file, "utf8")).toMatch(
      /^name,site,element,mean,sd,q5,median,q95\ny\[new 1\],y,new 1,/,
    );
    const again = await surmise(["predict", out, "--data", data, "--out", file]);
    expect(again.stderr).toContain("is there already");
    const other = await surmise(["predict", out, "--data", data, "--out", join(folder, "p.txt")]);
    expect(other.stderr).toContain("the name must end in .csv or .parquet");
  });

  test("refuses new labels where the prior puts all labels together", async () => {
    const other = project(
      newFolder(),
      MODEL.replace(
        'sample("base", normal(0, 2))',
        'sample("base", normal(sum(column("size", [county], { missing: 0 }), county), 2))',
      ).replace("gather, model", "gather, sum, model"),
      "county,size,y\nAlba,1,0\nBern,2,5\nBern,2,4\n",
    );
    await surmise([...other.fit, "--draws", "20", "--warmup", "20"]);
    const told = async (name: string, text: string) =>
      (await surmise(["predict", other.out, "--data", rows(name, text)])).stderr;
    expect(await told("zug.csv", "size,county\n3,Zug\n")).toMatch(
      /puts labels of 'county', of which some are new, together to predict 'base'/,
    );
    expect(await told("known.csv", "size,county\n1,Alba\n")).toBe("");
  });

  test("says how a Gaussian process predicts new places", async () => {
    const other = project(
      newFolder(),
      `
        import { type Columns, gaussianProcess, halfNormal, model, squaredExponential } from "surmise";
        export default model(({ sample, observe }, { row, column }: Columns) => {
          const scale = sample("scale", halfNormal(1));
          const f = gaussianProcess(squaredExponential({ scale, lengthscale: 1 }), { noise: 0.3 });
          observe("y", f.at(column("x"), row), column("y"));
        });`,
      "x,y\n0,1\n1,2\n2.5,1\n",
    );
    await surmise([...other.fit, "--draws", "20", "--warmup", "20"]);
    const { stderr } = await surmise(["predict", other.out, "--data", rows("new.csv", "x\n3\n")]);
    expect(stderr).toContain("together to predict 'y' (a covariance along 'row')");
    expect(stderr).toContain("process.given(y, x, place).each(newX, newPlace)");
  });

  test("draws effects of new labels of dummies from their prior", async () => {
    const other = project(
      newFolder(),
      `
        import { type Columns, model, normal, sum } from "surmise";
        export default model(({ sample, observe, plate, factor }, { row, dummies, column }: Columns) => {
          const { levels, values } = dummies("dose");
          const effect = sample("effect", normal(3, 2).event(levels));
          factor("nothing", sum(effect.mul(0), levels)); // predictions leave it out
          plate(row, () => observe("y", normal(sum(values.mul(effect), levels), 1), column("y")));
        });
      `,
      "dose,y\n2,0\n3,1\n",
    );
    await surmise([...other.fit, "--method", "nuts"]);
    const data = rows("doses.csv", "dose\n1\n2\n3\n");
    const { code, stdout } = await surmise(["predict", other.out, "--data", data, "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout).rows;
    const right = [
      [3, Math.sqrt(2 ** 2 + 1)],
      [0, 1],
      [(3 / 4 + 1) / (1 / 4 + 1), Math.sqrt(1 / (1 / 4 + 1) + 1)],
    ];
    for (const [i, [mean, sd]] of right.entries()) {
      // Four standard errors of 2000 independent draws.
      expect(Math.abs(found[i].mean - mean)).toBeLessThan((4 * sd) / Math.sqrt(2000));
      expect(Math.abs(found[i].sd / sd - 1)).toBeLessThan(4 / Math.sqrt(2 * 2000));
    }
  });

  test("tells where a series goes on after a longer time than in the fit", async () => {
    const series = `
      import { type Columns, constant, model, normal } from "surmise";
      export default model(({ chain, sample, observe }, { axisOf, column }: Columns) => {
        const year = axisOf("year");
        chain(year, constant(0), (before, { at }) => {
          const level = sample("level", normal(before, 1));
          observe("y", normal(level, 1), at(column("y", [year])));
          return level;
        });
      });
    `;
    const other = project(newFolder(), series, "year,y\n2001,0\n2002,1\n2004,1\n");
    await surmise([...other.fit, "--draws", "20", "--warmup", "20"]);
    const told = async (name: string, text: string) =>
      (await surmise(["predict", other.out, "--data", rows(name, text)])).stderr;
    expect(await told("far.csv", "year\n2005\n2010\n")).toMatch(
      /'2010' is taken for the step after '2005' on 'year', which is farther than any step of the fit/,
    );
    expect(await told("near.csv", "year\n2005\n2007\n")).toBe("");
  });

  test("tells of predictions that are too large for a number", async () => {
    const other = project(
      newFolder(),
      MODEL.replace("normal(mean, 1)", 'normal(mean, column("sd"))'),
      "county,size,y,sd\nAlba,1,0,1\nBern,2,5,1\nBern,3,4,1\n",
    );
    await surmise([...other.fit, "--draws", "20", "--warmup", "20"]);
    const data = rows("huge.csv", "size,county,sd\n2,Alba,1.7e308\n2,Alba,1\n");
    const { code, stderr } = await surmise(["predict", other.out, "--data", data, "--json"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/'y\[new 1\]' is infinite or not a number in \d+ of 80 draws:/);
  });

  test("refuses draws of which a bit has changed", async () => {
    const data = rows("one.csv", "size,county\n2,Alba\n");
    const path = join(out, "draws.parquet");
    const before = readFileSync(path);
    const changed = Uint8Array.from(before);
    changed[changed.length >> 1] ^= 64;
    writeFileSync(path, changed);
    const { code, stderr } = await surmise(["predict", out, "--data", data]);
    writeFileSync(path, before);
    expect([code, stderr]).toEqual([2, expect.stringContaining("draws.parquet' is damaged")]);
  });

  test("refuses rows without a covariate, and a model that was changed since", async () => {
    const data = rows("bare.csv", "county\nAlba\n");
    const bare = await surmise(["predict", out, "--data", data]);
    expect([bare.code, bare.stderr]).toEqual([
      2,
      expect.stringContaining("column 'size' has no values, and what is asked for depends on them"),
    ]);
    const other = rows("sized.csv", "size\n2\n");
    const lacking = await surmise(["predict", out, "--data", other]);
    expect(lacking.stderr).toMatch(/sized.csv: column 'county' has no values, and what is asked/);
    writeFileSync(model, `${MODEL}\n`);
    const changed = await surmise(["predict", out, "--data", data]);
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining("changed: ")]);
  });
});
