import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type Columns, columnsOf, readTable } from "../../src/data/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { parseTable } from "../../src/tables/index.ts";
import { axis, quantileKnots, type Tensor } from "../../src/tensor/index.ts";

const folder = mkdtempSync(join(tmpdir(), "surmise-columns-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function columns(name: string, content: string | Uint8Array): Promise<Columns> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return columnsOf(await readTable(path));
}

/** The values of a tensor, row-major over its axes, which are those of `order`. */
function numbers(x: Tensor): number[] {
  return [...compile({ outputs: { x } }, { steps: 1 }).run().x.data];
}

const RATINGS = `user,film,stars,seen
ann,Alien,5,true
bob,Alien,2,false
ann,Brazil,4,True
bob,Brazil,1,1
`;

describe("labels as covariates", () => {
  const TRIAL = "arm,week,y\nplacebo,1,0\ndrug,2,1\nsham,1.0,2\ndrug,1,3\n";

  test("an indicator is 1 where the column has the label", async () => {
    const { indicator, axisOf } = await columns("arms.csv", TRIAL);
    expect(numbers(indicator("arm", "drug"))).toEqual([0, 1, 0, 1]);
    expect(numbers(indicator("week", 1))).toEqual([1, 0, 1, 1]);
    expect(numbers(indicator("arm", "sham", [axisOf("arm")]))).toEqual([0, 0, 1]);
    expect(() => indicator("arm", "drugs")).toThrow(
      "column 'arm' has no label 'drugs', but 'placebo', 'drug', 'sham'",
    );
  });

  test("dummies stand for all labels but the base", async () => {
    const { dummies } = await columns("dummies.csv", TRIAL);
    const first = dummies("arm");
    expect(first.levels.labels).toEqual(["drug", "sham"]);
    expect(numbers(first.values)).toEqual([0, 0, 1, 0, 0, 1, 1, 0]);
    expect(dummies("arm").levels).toBe(first.levels);
    const other = dummies("arm", { base: "drug" });
    expect(other.levels.labels).toEqual(["placebo", "sham"]);
    expect(numbers(other.values)).toEqual([1, 0, 0, 0, 0, 1, 0, 0]);
    const { dummies: ofOne } = await columns("one.csv", "arm\nx\nx\n");
    expect(() => ofOne("arm")).toThrow("column 'arm' has only one label, 'x'");
  });
});

describe("labels with an order of their own", () => {
  const grades = async () =>
    columnsOf(await parseTable("pupil,grade\na,good\nb,poor\nc,good\n", "grades.csv"));
  const order = ["poor", "fair", "good"];

  test("stand in it, those that no row has too", async () => {
    const { axisOf, indexOf } = await grades();
    const grade = axisOf("grade", { order });
    expect(grade.labels).toEqual(order);
    expect(numbers(indexOf("grade"))).toEqual([2, 0, 2]);
    expect(axisOf("grade", { order })).toBe(grade);
    expect(axisOf("grade")).toBe(grade);
  });

  test("are refused where the order lacks one, has one twice, or comes too late", async () => {
    const made = await grades();
    const asked = (wanted: readonly string[]) => () => made.axisOf("grade", { order: wanted });
    expect(asked(["poor", "fair"])).toThrow(/column 'grade' in row 1 is 'good', which order lacks/);
    expect(asked(["poor", "good", "poor"])).toThrow(/order has 'poor' twice/);
    const late = await grades();
    late.indexOf("grade");
    expect(() => late.axisOf("grade", { order })).toThrow(/asked for before in another order/);
  });
});

describe("columns become axes and tensors", () => {
  test("over the rows, with labels in the order in which they appear", async () => {
    const { row, axisOf, column, indexOf } = await columns("ratings.csv", RATINGS);
    expect(row.size).toBe(4);
    expect(axisOf("film")).toBe(axisOf("film"));
    expect(axisOf("film").labels).toEqual(["Alien", "Brazil"]);
    expect(numbers(column("stars"))).toEqual([5, 2, 4, 1]);
    expect(numbers(column("seen"))).toEqual([1, 0, 1, 1]);
    expect(numbers(indexOf("user"))).toEqual([0, 1, 0, 1]);
  });

  test("over the axes of other columns, whatever the order of the rows", async () => {
    const { axisOf, column } = await columns("ratings.csv", RATINGS);
    const stars = column("stars", [axisOf("film"), axisOf("user")]);
    expect(stars.axes).toEqual([axisOf("film"), axisOf("user")]);
    expect(numbers(stars)).toEqual([5, 2, 4, 1]);
    expect(numbers(column("stars", [axisOf("user"), axisOf("film")]))).toEqual([5, 4, 2, 1]);
  });

  test("side by side, and the same in all rows of an element", async () => {
    const { axisOf, columnsAlong, indexOf } = await columns(
      "films.csv",
      "film,studio,comedy,drama\nA,x,1,0\nB,y,0,1\nA,x,1,0\n",
    );
    const genre = axis("genre", 2, ["comedy", "drama"]);
    expect(numbers(columnsAlong(genre, [axisOf("film")]))).toEqual([1, 0, 0, 1]);
    expect(numbers(indexOf("studio", [axisOf("film")]))).toEqual([0, 1]);
  });

  test("are made once for the same request, as a model is traced several times", async () => {
    const { column, indexOf, positions, axisOf } = await columns("once.csv", RATINGS);
    const [user, film] = [axisOf("user"), axisOf("film")];
    expect(column("stars")).toBe(column("stars"));
    expect(column("stars", [user, film])).toBe(column("stars", [user, film]));
    expect(indexOf("user")).toBe(indexOf("user"));
    expect(column("stars", undefined, { missing: 0 })).not.toBe(column("stars"));
    expect(positions("stars", axis("a", 6))).not.toBe(positions("stars", axis("b", 6)));
  });

  test("are refused over an axis that is not in a list", async () => {
    const { row, columnsAlong, dummies, positions } = await columns("list.csv", RATINGS);
    const axes = row as never;
    for (const take of [
      () => columnsAlong(axis("of", 1, ["stars"]), axes),
      () => dummies("user", { axes }),
      () => positions("stars", axis("a", 6), { axes }),
    ]) {
      expect(take).toThrow(/list\.csv: column '.*axes/);
    }
  });

  test("parts of dates, and days since the first or a given one", async () => {
    const { column, datePart, days, positions } = await columns(
      "dates.csv",
      "day,y\n2024-02-29,1\n2023-12-31,2\n,3\n2025-01-01,4\n",
    );
    const missing = { missing: -1 };
    const part = (name: Parameters<typeof datePart>[1]) =>
      numbers(datePart("day", name, undefined, missing));
    // As Python's datetime and isocalendar say.
    expect(part("year")).toEqual([2024, 2023, -1, 2025]);
    expect(part("quarter")).toEqual([1, 4, -1, 1]);
    expect(part("month")).toEqual([2, 12, -1, 1]);
    expect(part("dayOfMonth")).toEqual([29, 31, -1, 1]);
    expect(part("dayOfYear")).toEqual([60, 365, -1, 1]);
    expect(part("weekday")).toEqual([4, 7, -1, 3]);
    expect(numbers(days("day", undefined, missing))).toEqual([60, 0, -1, 367]);
    expect(numbers(days("day", undefined, { ...missing, since: "2024-01-01" }))).toEqual([
      59, -1, -1, 366,
    ]);
    expect(numbers(column("y"))).toEqual([1, 2, 3, 4]);
    expect(() => datePart("day", "month")).toThrow(/column 'day' has no value for row 3/);
    expect(() => positions("day", axis("month", 12), { part: "month" })).toThrow(
      /no value for row 3/,
    );
  });

  test("parts of times, months, quarters and weeks", async () => {
    const { datePart, days, positions } = await columns(
      "times.csv",
      "at,month,quarter,week\n" +
        "2024-03-01T06:30:00+02:00,2024-02,2024-Q2,2026-W01\n" +
        "2024-02-29T23:00:00-01:00,2024-12,2023-Q4,2026-W53\n",
    );
    expect(numbers(datePart("at", "hour"))).toEqual([6.5, 23]);
    expect(numbers(datePart("at", "dayOfYear"))).toEqual([61, 60]);
    expect(numbers(days("at")).map((x) => Math.round(x * 24 * 60))).toEqual([270, 0]);
    expect(numbers(positions("month", axis("month", 12), { part: "month" }))).toEqual([1, 11]);
    expect(numbers(positions("at", axis("hour", 24), { part: "hour" }))).toEqual([6, 23]);
    expect(numbers(days("month"))).toEqual([0, 304]);
    expect(numbers(datePart("quarter", "month"))).toEqual([4, 10]);
    expect(numbers(datePart("week", "dayOfMonth"))).toEqual([29, 28]);
    expect(numbers(datePart("week", "weekday"))).toEqual([1, 1]);
  });

  test("numbers as labels ascend", async () => {
    const { axisOf } = await columns("years.csv", "year\n2011\n1999\n2011\n");
    expect(axisOf("year").labels).toEqual(["1999", "2011"]);
  });

  test("gaps are filled and told", async () => {
    const { axisOf, column, present } = await columns(
      "gaps.csv",
      "a;b;y\nu;1;3,5\nv;2;NA\nv;1;7\n".replace("3,5", "3.5"),
    );
    const over = [axisOf("a"), axisOf("b")];
    expect(numbers(column("y", over, { missing: -1 }))).toEqual([3.5, -1, 7, -1]);
    expect(numbers(present("y", over))).toEqual([1, 0, 1, 0]);
    expect(numbers(present("y"))).toEqual([1, 0, 1]);
  });

  test("the same from CSV, JSON of either form, and Parquet", async () => {
    const parquet = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "k", data: ["u", "v"] },
          { name: "n", data: [3n, 4n] },
        ],
      }),
    );
    const all = [
      await columns("one.csv", "\ufeffk,n\nu,3\n\nv,4\n"),
      await columns("one.tsv", "k\tn\r\nu\t3\r\nv\t4\r\n"),
      await columns("rows.json", '[{"k": "u", "n": 3}, {"n": 4, "k": "v"}]'),
      await columns("lists.json", '{"size": 2, "k": ["u", "v"], "n": [3, 4]}'),
      await columns("one.parquet", parquet),
    ];
    for (const { axisOf, column } of all) {
      expect(axisOf("k").labels).toEqual(["u", "v"]);
      expect(numbers(column("n"))).toEqual([3, 4]);
    }
  });
});

describe("what cannot be read is refused in words", () => {
  const refused: readonly [string, (c: Columns) => unknown, string | RegExp][] = [
    ["no column", ({ column }) => column("star"), /no column 'star'; the columns are: user, film,/],
    ["no axis", ({ axisOf }) => axisOf("actor"), /no column 'actor'/],
    ["text", ({ column }) => column("user"), /column 'user' in row 1 is 'ann', not a number/],
    [
      "two values",
      ({ column, axisOf }) => column("stars", [axisOf("film")]),
      /column 'stars' in row 2 has another value than in row 1, for the same film 'Alien'/,
    ],
    [
      "an axis from elsewhere",
      ({ column }) => column("stars", [axis("user", 2)]),
      /no positions along axis 'user': use row, or axisOf/,
    ],
    ["no labels", ({ columnsAlong }) => columnsAlong(axis("genre", 2)), /'genre' needs labels/],
  ];
  test.each(refused)("%s", async (_, use, message) => {
    const found = await columns("ratings.csv", RATINGS);
    expect(() => use(found)).toThrow(message);
  });

  test("missing values name the first place and how many there are", async () => {
    const found = await columns("holes.csv", "k,y\na,1\n,2\nc,\nd,\n");
    expect(() => found.column("y")).toThrow(
      /'y' has no value for row 3 \(missing: 2 of 4\).*present\('y'\)/,
    );
    expect(() => found.axisOf("k")).toThrow(/column 'k' in row 2 is empty: an axis needs a label/);
  });

  test.each([
    ["empty.csv", "a,b\n", /no rows/],
    ["ragged.csv", "a,b\n1\n", /ragged.csv: line 2 has 1 cell where the header has 2/],
    ["twice.csv", "a,a\n1,2\n", /two columns 'a'/],
    ["broken.json", "{", /broken.json: /],
    ["uneven.json", '{"a": [1], "b": [1, 2]}', /lists of lengths \{a: 1, b: 2\}/],
    ["nested.json", '[{"a": [1]}]', /row 1 of column 'a' holds \[1\]/],
    ["no.parquet", "PAR", /no.parquet: /],
    ["table.xlsx", "", /files that end in \.csv, \.tsv, \.json, \.parquet/],
  ])("%s", async (name, content, message) => {
    await expect(columns(name, content)).rejects.toThrow(message);
  });

  test("a file that is not there", async () => {
    await expect(readTable(join(folder, "none.csv"))).rejects.toThrow(
      /there is no file '.*none.csv'/,
    );
  });
});

describe("rows to be predicted by a fit", () => {
  const FITTED = "shop,kind,day,size,y\nsouth,big,2024-01-05,1,1\nnorth,small,2024-01-03,3,2\n";
  const take = async (text: string) =>
    columnsOf(await parseTable(text, "new.csv"), { fitted: await parseTable(FITTED, "old.csv") });

  test("have the labels, the first day and the scale of the fit", async () => {
    const found = await take(
      "shop,kind,day,size\nwest,small,2024-01-01,5\nnorth,big,2024-01-09,2\n",
    );
    expect(found.row.labels).toEqual(["new 1", "new 2"]);
    expect(found.axisOf("shop").labels).toEqual(["south", "north", "west"]);
    expect(found.axisOf("day").labels).toEqual([
      ...["2024-01-01", "2024-01-03", "2024-01-05", "2024-01-09"],
    ]);
    expect(numbers(found.indexOf("shop"))).toEqual([2, 1]);
    expect(numbers(found.days("day"))).toEqual([-2, 6]);
    expect(numbers(found.indicator("kind", "big"))).toEqual([0, 1]);
    expect(found.dummies("kind").levels.labels).toEqual(["small"]);
    const scale = Math.sqrt(2);
    expect(numbers(found.standardised("size"))).toEqual([3 / scale, 0].map(Math.fround));
    expect(numbers(found.standardised("size", { scale: false }))).toEqual([3, 0]);
  });

  test("have the base of the fit where a new label comes before it", async () => {
    const fitted = await parseTable("dose\n2\n3\n", "old.csv");
    const found = columnsOf(await parseTable("dose\n1\n2\n3\n", "new.csv"), { fitted });
    const { levels, values } = found.dummies("dose");
    expect(levels.labels).toEqual(["1", "3"]);
    expect(numbers(values)).toEqual([1, 0, 0, 0, 0, 1]);
  });

  test("have the knots of the fit", async () => {
    const old = "k,x,d\na,0,2024-01-01\nb,1,2024-01-03\na,4,2024-01-09\n";
    const fitted = await parseTable(old, "old.csv");
    const text = "k,x,d\nb,7,2024-02-01\nz,8,2024-02-02\nb,9,2024-03-01\n";
    const found = columnsOf(await parseTable(text, "new.csv"), { fitted });
    expect(quantileKnots(found.column("x"), 3)).toEqual([0, 1, 4]);
    expect(quantileKnots(found.days("d"), 3)).toEqual([0, 2, 8]);
    expect(quantileKnots(found.datePart("d", "dayOfMonth"), 3)).toEqual([1, 3, 9]);
    const scaled = quantileKnots(found.standardised("x"), 3);
    expect(scaled).toEqual(quantileKnots(columnsOf(fitted).standardised("x"), 3));
    const ids = quantileKnots(found.positions("x", axis("id", 10), { first: 0 }), 3);
    expect(ids).toEqual([0, 1, 4]);
    const along = axis("measure", 1, ["x"]);
    expect(quantileKnots(found.columnsAlong(along), 3)).toEqual([0, 1, 4]);
    const perLabel = columnsOf(await parseTable("k,x\nz,8\n", "new.csv"), {
      fitted: await parseTable("k,x\na,0\nb,1\n", "old.csv"),
    });
    const { column, axisOf } = perLabel;
    expect(quantileKnots(column("x", [axisOf("k")]), 2)).toEqual([0, 1]);
    expect(numbers(column("x", [axisOf("k")]))).toEqual([0, 1, 8]);
  });

  test("may have labels that an indicator has not met, which is told once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const found = await take("shop,kind\nwest,Big\nwest,small\nwest,huge\n");
    expect(numbers(found.indicator("kind", "big"))).toEqual([0, 0, 0]);
    found.indicator("kind", "small");
    expect(warn.mock.calls).toEqual([
      [
        "surmise: new.csv: column 'kind' has labels that no row of old.csv has ('Big', 'huge'): " +
          'indicator("kind", "big") is 0 there',
      ],
    ]);
    warn.mockRestore();
  });

  test("may have what holds for a label from the fit", async () => {
    const { column, axisOf } = await take("shop\nnorth\n");
    expect(numbers(column("size", [axisOf("shop")]))).toEqual([1, 3]);
  });

  test("are refused without any column of the fit, or with a single value in the place of one", async () => {
    await expect(take("store,weight\nnorth,4\n")).rejects.toThrow(
      "none of its columns (store, weight) is one of old.csv, which was fitted (shop, kind, day, size, y)",
    );
    const single = parseTable('{"shop": ["north"], "size": 4}', "new.json");
    const fitted = await parseTable(FITTED, "old.csv");
    await expect(single.then((rows) => columnsOf(rows, { fitted }))).rejects.toThrow(
      "new.json: 'size' is a single value, and a column of old.csv",
    );
  });

  test("lack the outcome, and are refused without a covariate, or where they differ from the fit", async () => {
    const found = await take("shop,size\nnorth,4\n");
    expect(found.column("y").axes).toEqual([found.row]);
    expect(numbers(found.present("y"))).toEqual([0]);
    expect(() => found.days("day")).toThrow("new.csv: there is no column 'day'");
    expect(() => found.column("size", [found.axisOf("shop")])).toThrow(
      "new.csv: column 'size' in row 1 has another value than in row 2 of old.csv, for the same",
    );
    const both = axis("both", 2, ["y", "size"]);
    const lacking = [
      found.column("y"),
      found.standardised("y"),
      found.indicator("kind", "big"),
      found.columnsAlong(both),
    ];
    expect(lacking.map(({ op, axes }) => [op, axes])).toEqual([
      ...new Array(3).fill(["input", [found.row]]),
      ["input", [found.row, both]],
    ]);
  });

  test("a column of one value has no scale", async () => {
    const { standardised } = await columns("one.csv", "x\n2\n2\n");
    expect(() => standardised("x")).toThrow("column 'x' has one value in all rows");
    expect(numbers(standardised("x", { scale: false }))).toEqual([0, 0]);
  });
});
