/** Tables as programs write them: each is taken exactly. What is refused is in the catalogue. */
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Columns, columnsOf } from "../../src/data/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { parseTable } from "../../src/tables/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import { PYARROW } from "./fixtures.ts";

const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
afterEach(() => warn.mockClear());

const read = async (content: string | Uint8Array, name = "t.csv") =>
  columnsOf(await parseTable(content, name));
const numbers = (x: Tensor) => [
  ...compile({ outputs: { x } }, { steps: 1, dtype: "float64" }).run().x.data,
];
const taken = (columns: Columns) => [numbers(columns.column("y")), columns.axisOf("g").labels];

describe("CSV", () => {
  test.each([
    [
      "with a mark, CRLF and a line break in a cell",
      '\uFEFFy,g\r\n1,"a\r\nb"\r\n2,c\r\n',
      "a\r\nb",
    ],
    ["with a mark before a quoted header", '\uFEFF"y","g"\r\n1,a\r\n2,c\r\n', "a"],
    ["of an old Mac", "y,g\r1,a\r2,c\r", "a"],
    ["of lines that end differently", "y,g\r\n1,a\n2,c\r\n", "a"],
    ["of quoted lines that end differently", 'y,g\n1,"a"\r\n2,"c"\r', "a"],
    ["with semicolons", "y;g\n1;a,b\n2;c\n", "a,b"],
    ["with bars", "y|g\n1|a\n2|c\n", "a"],
    ["with Excel's line before it", "sep=;\r\ny;g\r\n1;a\r\n2;c\r\n", "a"],
    ["with Excel's line and a mark", "\uFEFFsep=|\ny|g\n1|a\n2|c\n", "a"],
    ["with separators in a quoted name", 'y,g,"a;b;c;d"\n1,a,1\n2,c,2\n', "a"],
    ["with doubled quotes", 'y,g\n1,"a ""b"""\n2,c\n', 'a "b"'],
    ["with blank lines and blanks", " y , g \n\n 1 , a \n\t\n2,c\n\n", "a"],
    ["with row names under no name", ",y,g\n1,1,a\n2,2,c\n", "a"],
    ["with numbers in quotes", '"y","g"\n"1","a"\n"2","c"\n', "a"],
    ["in UTF-16", Buffer.from("\uFEFFy,g\n1,ä\n2,c\n", "utf16le"), "ä"],
  ])("%s", async (_, content, first) => {
    expect(taken(await read(content))).toEqual([
      [1, 2],
      [first, "c"],
    ]);
  });

  test("with tabs, whatever else is in the header of a .tsv", async () => {
    const columns = await read("y\tg\tlog(a,b,c)\n1\ta\t\n2\tc\t3\n", "t.tsv");
    expect(taken(columns)).toEqual([
      [1, 2],
      ["a", "c"],
    ]);
  });

  test("numbers to the last bit, between 5e-324 and 1.8e308", async () => {
    const texts = ["5e-324", "1.7976931348623157e308", "0.1", "1e23", "-0", "9007199254740992.0"];
    texts.push("1.2345678901234567e20", "-1.23456789012345684e+20", "123456789012345683968.0");
    expect(numbers((await read(`y\n${texts.join("\n")}\n`)).column("y"))).toEqual(
      texts.map(Number),
    );
  });
});

test("no-break spaces around a cell are no part of it, beside quotes too", async () => {
  for (const other of ["a", '"a"', '\u3000"a" ']) {
    const columns = await read(`g,y\n\u00a0a\u00a0,\u00a05\n${other},2\n`);
    expect(columns.axisOf("g").labels).toEqual(["a"]);
    expect(numbers(columns.column("y"))).toEqual([5, 2]);
  }
});

test("an order may be written in another composition of Unicode, and with blanks", async () => {
  const { axisOf, indexOf } = await read("g\né\nb\n");
  expect(axisOf("g", { order: ["b", " e\u0301"] }).labels).toEqual(["b", "é"]);
  expect(axisOf("g", { order: ["b", "é"] })).toBe(axisOf("g"));
  expect(numbers(indexOf("g"))).toEqual([1, 0]);
});

test("columns of any size are standardised", async () => {
  for (const power of [-320, -200, 0, 200, 307]) {
    const columns = await read(`y\n1e${power}\n-1e${power}\n3e${power}\n`);
    const [a, b, c] = numbers(columns.standardised("y"));
    // Denormal numbers have few digits.
    expect(a / c).toBeCloseTo(0, power < -307 ? 3 : 12);
    expect(b).toBeCloseTo(-1, power < -307 ? 3 : 12);
    expect(c).toBeCloseTo(1, power < -307 ? 3 : 12);
  }
});

test("labels that are numbers of many digits stay apart however they are written", async () => {
  const texts = ["9007199254740993.0", "9007199254740992.0", "9007199254740993"];
  const columns = await read(`g\n${texts.join("\n")}\n`);
  expect(columns.axisOf("g").size).toBe(2);
  expect(numbers(columns.indexOf("g"))).toEqual([1, 0, 1].map((k) => 1 - k));
});

describe("dates", () => {
  test("of weeks are days", async () => {
    const columns = await read("g\n2024-W09-4\n2020-W53-7\n2024-02-29\n");
    expect(columns.axisOf("g").labels).toEqual(["2020-W53-7", "2024-W09-4"]);
    expect(numbers(columns.days("g", undefined, { since: "2021-01-03" }))).toEqual([1152, 0, 1152]);
  });

  test("lie nanoseconds apart", async () => {
    const at = (rest: string) => `2024-01-01T00:00:00.${rest}Z`;
    const columns = await read(`g\n${at("000000003")}\n${at("000000001")}\n1969-12-31T23:59:59Z\n`);
    const [one, two] = numbers(columns.days("g", undefined, { since: at("000000001") }));
    expect(one).toBe(2 / 86_400e9);
    expect(two).toBe(0);
  });

  test.each([
    ...["2024Q2", "2024M02", "Q2 2024", "2024 Feb", "Feb 2024", "Feb", "2024-2", "2/2024"],
    ...["20240229T1200", "9:15 pm", "2024-03-01T00:00[Europe/Berlin]", "2024-03-01 00:00 UTC"],
  ])("written as %s are labels, and that is said", async (text) => {
    const columns = await read(`g\n${text}\n`);
    expect(columns.axisOf("g").labels).toEqual([text]);
    expect(warn.mock.calls.flat().join()).toMatch(
      /these look like dates: write them as 2024-12-31/,
    );
  });
});

test("names of columns are composed in JSON and Parquet too", async () => {
  const parquet = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: "e\u0301", data: [3], type: "DOUBLE" }] }),
  );
  const all = [
    await read('[{"e\u0301": 3}]', "t.json"),
    await read('{"e\u0301": [3]}', "t.json"),
    await read(parquet, "t.parquet"),
  ];
  for (const columns of all) expect(numbers(columns.column("\u00e9"))).toEqual([3]);
});

describe("Parquet", () => {
  test("decimals as they are written", async () => {
    const columns = await read(PYARROW.decimals, "t.parquet");
    expect(numbers(columns.column("y"))).toEqual([0.3, Number("-9007199254740.993")]);
    expect(columns.axisOf("g").labels).toEqual(["9007199254740992", "9007199254740993"]);
  });

  test("times of day of Parquet are texts, durations numbers of seconds", async () => {
    const clock = await read(PYARROW.clock, "t.parquet");
    expect(clock.axisOf("a").labels).toEqual(["10:30:00.000001", "00:00:00"]);
    expect(clock.axisOf("b").labels).toEqual(["10:30:00.500", "00:00:00.001"]);
    expect(clock.axisOf("c").labels).toEqual(["00:00:00.000000001", "23:59:59.999999999"]);
    expect(() => clock.column("a")).toThrow(/'a' in row 1 is '10:30:00.000001', not a number/);
    const { column, row } = await read(PYARROW.durations, "t.parquet");
    const exact = (name: string) => column(name, [row], { missing: 0 }).exact;
    expect(exact("a")).toEqual(Float64Array.of(1.5, -1e-9));
    expect(exact("b")).toEqual(Float64Array.of(90, 0));
    expect(exact("c")).toEqual(Float64Array.of(0.001, 0.002));
  });

  test("times to the nanosecond, and days", async () => {
    const columns = await read(PYARROW.times, "t.parquet");
    expect(columns.axisOf("g").labels).toEqual([
      "1969-12-31T23:59:59.999999999Z",
      "1970-01-01T00:00:00.000000001Z",
      "1970-01-01T00:00:00.000000002Z",
    ]);
    expect(columns.axisOf("d").labels).toEqual(["1969-12-31", "1970-01-01", "2024-02-29"]);
  });
});
