/** Tables as they should not be. */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Columns } from "../../src/data/index.ts";
import { axis } from "../../src/tensor/index.ts";
import { PYARROW } from "../data/fixtures.ts";

/** What is wrong, the file, and what the refusal must name. */
export interface MalformedTable {
  readonly what: string;
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly says: RegExp;
  /** What is asked of the columns; `y` as numbers unless given. */
  readonly use?: (columns: Columns) => unknown;
}

const utf16 = (text: string, more: readonly number[]) =>
  Buffer.concat([Buffer.from(`\uFEFF${text}`, "utf16le"), Uint8Array.from(more)]);
const latin1 = (text: string) => Buffer.from(text, "latin1");
const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]["columnData"]) =>
  new Uint8Array(parquetWriteBuffer({ columnData }));
const whole = parquet([{ name: "y", data: [1, 2, 3], type: "DOUBLE" }]);

const csv = (
  what: string,
  content: string | Uint8Array,
  says: RegExp,
  use?: MalformedTable["use"],
) => ({
  ...{ what: `CSV: ${what}`, name: "t.csv", content, says },
  ...(use && { use }),
});
const json = (what: string, value: unknown, says: RegExp, use?: MalformedTable["use"]) => ({
  what: `JSON: ${what}`,
  name: "t.json",
  content: typeof value === "string" ? value : JSON.stringify(value),
  says,
  ...(use && { use }),
});
const labels = (columns: Columns) => columns.axisOf("g");

/** Cells that are no numbers, in a column of numbers. */
const NO_NUMBERS = [
  ...[
    "0x10",
    "0b1",
    "0o7",
    "1_000",
    "1,234",
    "1.2.3",
    "1e",
    "e5",
    "--1",
    "+-1",
    "1 2",
    "1;2",
    "½",
    "１２",
  ],
  ...[
    "$5",
    "5%",
    "5kg",
    "inf",
    "-Infinity",
    "1e999",
    "-1e999",
    "abc",
    "yes",
    "on",
    "?",
    "-",
    ".",
    "−1",
  ],
  ...[
    "2024-01-01",
    "12:30",
    "(3)",
    "1/2",
    "#N/A",
    "#REF!",
    "=A1",
    "9007199254740993",
    "1e-400",
    "1e+",
    "NaN5",
  ],
];

/** Each is refused, naming what `says` says. */
export const TABLES: readonly MalformedTable[] = [
  ...NO_NUMBERS.map((cell) =>
    csv(`${JSON.stringify(cell)} among numbers`, `y\n1\n"${cell}"\n`, /row 2/),
  ),
  ...NO_NUMBERS.slice(0, 20).map((cell) =>
    json(`${JSON.stringify(cell)} among numbers`, { y: [1, cell] }, /row 2/),
  ),
  csv("an empty file", "", /t\.csv: .*(no rows|empty)/),
  csv("a header alone", "y,g\n", /no rows/),
  csv("blank lines alone", "\n\n\n", /no rows|row/),
  csv("a row that is too short", "y,g\n1,a\n2\n", /line 3|row 2/i),
  csv("a row that is too long", "y,g\n1,a\n2,b,c\n", /line 3|row 2/i),
  csv("a character NUL", "y\n1\n\u0000\n", /line 3 holds a character NUL/),
  csv("a quote that is opened in line 3", `y,g\n1,a\n2,"b\n${"3,c\n".repeat(1e4)}`, /line 3 opens/),
  csv(
    "a quote in line 4 of many",
    `y,g\n1,"a"\n2,b\n3,c"\n${'4,"d"\n'.repeat(1e4)}`,
    /line 4 has a q/,
  ),
  csv("a quote behind line ends in quotes", 'y,g\n1,"a\nb"\n2,"c"d\n', /line 4 has a quote in/),
  csv("two quoted texts in a cell", 'y,g\n1,"a" "b"\n', /line 2 has a quote in the wrong place/),
  csv("quotes behind a bar of C", 'y,g\n1,"a\\"b"\n', /line 2 has a quote in the wrong place/),
  csv("single quotes around separators", "y,g\n1,'a,b'\n", /line 2 has 3 cells/),
  csv("a cell too many behind quotes", 'y,g\n1,"a"\n2,"b",\n', /line 3 has 3 cells/),
  csv("a carriage return inside a cell", "y,g\n1,a\rb\n", /line 3 has 1 cell/),
  csv("blanks between cells", "y g\n1 a\n", /no column 'y'.*y g/),
  csv("a name in zero width", "y\u200b\n1\n", /no column 'y'/),
  csv("UTF-16 of an odd number of bytes", utf16("y\n1\n", [65]), /begins as utf-16le/),
  csv("UTF-16 with half of a pair", utf16("g\n", [0, 0xd8]), /begins as utf-16le/),
  csv("UTF-32", Uint8Array.of(255, 254, 0, 0, 121, 0, 0, 0), /character NUL/),
  csv("UTF-8 that is too long", Uint8Array.of(121, 10, 0xc0, 0xb1), /line 2 is not UTF-8/),
  csv("UTF-8 of a surrogate", Uint8Array.of(121, 10, 0xed, 0xa0, 0x80), /line 2 is not UTF-8/),
  csv("a number below the least", "y\n2e-324\n", /row 1 .*too small/),
  csv("a number that has lost its digits", "y\n1\n3e-324\n", /row 2 is '3e-324', too small/),
  csv("a number beyond the largest", "y\n1.7976931348623159e308\n", /row 1 .*too large/),
  csv(
    "a whole number of 10,000 digits",
    `y\n${"9".repeat(1e4)}\n`,
    /^.{60,400}too large.{10,300}$/,
  ),
  csv("a cell of a million characters", `y\n${"a".repeat(1e6)}\n`, /^.{60,400}$/),
  csv(
    "labels of a million characters",
    `g\n${"a".repeat(1e6)}\n`,
    /no label 'c'.{1,100}$/,
    (columns) => columns.indicator("g", "c"),
  ),
  csv("29 February of 1900", "g\n1900-02-29\n", /no such date/, labels),
  csv("a month 13", "g\n2024-13\n", /no such date/, labels),
  csv("a day of a month 0", "g\n2024-00-10\n", /no such date/, labels),
  csv("24 o'clock", "g\n2024-01-01T24:00\n", /no such date or time/, labels),
  csv("days of a column of the empty", "g,y\n,1\n,2\n", /no value for row 1/, ({ days }) =>
    days("g"),
  ),
  csv("an axis twice", "g,y\na,1\n", /the axis 'g' stands twice/, ({ axisOf, column }) =>
    column("y", [axisOf("g"), axisOf("g")]),
  ),
  csv("no axes for two values", "y\n1\n2\n", /for the same element/, ({ column }) =>
    column("y", []),
  ),
  csv(
    "infinity where nothing stands",
    "y,g\nNA,a\n1,b\n",
    /missing must be a finite/,
    ({ column }) => column("y", undefined, { missing: Number.POSITIVE_INFINITY }),
  ),
  csv(
    "not a number where nothing stands",
    "g\n2024-01-01\nNA\n",
    /missing must be a finite/,
    ({ days }) => days("g", undefined, { missing: Number.NaN }),
  ),
  csv("a scale of one row", "y\n1\n", /one value in all rows/, ({ standardised }) =>
    standardised("y"),
  ),
  csv("ids beyond any axis", "i\n1e15\n", /'i' in row 1 is 1000000000000000/, ({ positions }) =>
    positions("i", axis("k", 2)),
  ),
  csv("a part of a date that is none", "g\n2024-01-01\n", /no part "moon"/, ({ datePart }) =>
    datePart("g", "moon" as never),
  ),
  csv("an order that lacks a label", "g\na\nb\n", /row 2 is 'b', which order lacks/, ({ axisOf }) =>
    axisOf("g", { order: ["a"] }),
  ),
  csv("an order with a label twice", "g\né\n", /order has '.' twice/u, ({ axisOf }) =>
    axisOf("g", { order: ["é", "e\u0301"] }),
  ),
  csv("dummies of no such base", "g\na\nb\n", /no label 'z'/, ({ dummies }) =>
    dummies("g", { base: "z" }),
  ),
  csv("dummies of one label", "g\na\na\n", /only one label/, ({ dummies }) => dummies("g")),
  csv("an open quote", 'y,g\n1,"a\n2,b\n', /quote/i),
  csv("a quote inside a cell", 'y,g\n1,a"b\n', /quote/i),
  csv("text behind a quoted cell", 'y,g\n1,"a"b\n', /quote/i),
  csv("two columns of one name", "y,y\n1,2\n", /two columns 'y'/),
  csv("two columns whose names differ in composition", "é,e\u0301\n1,2\n", /two columns/),

  csv("a decimal comma beside commas", "y,g\n1,5,a\n", /line 2 has 3 cells where the header has 2/),
  csv("a decimal comma beside semicolons", "y;g\n1,5;a\n", /row 1 is '1,5'.*decimal point/),
  csv("points between thousands", "y;g\n1.234.567;a\n", /row 1 is '1\.234\.567'/),
  csv("commas at the ends of rows alone", "y,g\n1,a,\n", /line 2 has 3 cells/),
  csv("a comma at the end of the header alone", "y,g,\n1,a\n", /line 2 has 2 cells/),
  csv("row names under no name", "y,g\n1,2,a\n", /line 2 has 3 cells/),
  csv("a line of comments", "# made by hand\ny,g\n1,a\n", /line 2 has 2 cells/),
  csv("a line of units", "y,g\nkg,none\n1,a\n", /row 1 is 'kg'/),
  csv("two columns without names", ",y,\n1,2,3\n", /two columns ''/),
  csv("names that differ in blanks", "y, y\n1,2\n", /two columns 'y'/),
  csv("a line of separators", "y,g\n1,a\n,\n", /no value for row 2/),
  csv("the end of a file in DOS", "y\n1\n\u001a", /row 2/),
  csv("T and F", "y\nT\nF\n", /row 1 is 'T'/),
  csv("yes among true", "y\ntrue\nyes\n", /row 2 is 'yes'/),
  csv("an exponent of Fortran", "y\n1D5\n", /row 1 is '1D5'/),
  csv("digits that are not Latin", "y\n٣\n", /row 1/),
  csv("too many digits with a point", "y\n9007199254740993.0\n", /more digits than a float64/),
  csv("too many digits with an exponent", "y\n9.007199254740993e15\n", /more digits/),
  csv("a week that its year has not", "g\n2021-W53\n", /no such date/, labels),
  csv("a day of such a week", "g\n2021-W53-1\n", /no such date/, labels),
  csv("a week 0", "g\n2021-W00-1\n", /no such date/, labels),
  csv("a leap second", "g\n2016-12-31T23:59:60Z\n", /no such date or time/, labels),
  csv("an offset of a day", "g\n2024-01-01T00:00+23:00\n", /no such date or time/, labels),
  csv(
    "times with and without an offset",
    "g\n2024-01-01T00:00Z\n2024-01-01T00:00\n",
    /row 2 .*hold times with an offset/,
    labels,
  ),
  csv("days since what is no date", "g\n2024-01-01\n", /since is/, ({ days }) =>
    days("g", undefined, { since: "1.1.2024" }),
  ),
  csv("days of dates of one's own form", "g\n1/2/2024\n", /row 1 is '1\/2\/2024'/, ({ days }) =>
    days("g"),
  ),
  csv("no such column", "x\n1\n", /no column 'y'.*x/s),
  csv("a missing number", "y,g\n1,a\n,b\n", /no value.*row 2/),
  csv("NA among numbers", "y\n1\nNA\n3\n", /no value.*row 2/),
  csv("a missing label", "y,g\n1,a\n2,\n", /row 2/, labels),
  csv("Latin-1", latin1("g,y\nB\xe4r,1\n"), /line 2 is not UTF-8/),
  csv("UTF-16 without a mark", Buffer.from("y\n1\n", "utf16le"), /UTF|NUL|\\u0000|not/),
  csv(
    "bytes of a picture",
    Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
    /UTF-8|no rows/,
  ),
  csv("a zip archive", Buffer.from("504b0304140000000800ffffffff", "hex"), /UTF-8|no rows/),
  csv("gzip", Buffer.from("1f8b0800000000000003", "hex"), /UTF-8|gzip|no rows/),
  csv("a date that is none", "g,y\n2024-02-30,1\n2024-03-01,2\n", /2024-02-30/, labels),
  csv(
    "a date with and without a time",
    "g,y\n2024-02-01,1\n2024-02-01T10:00,2\n",
    /form|row/,
    labels,
  ),
  csv(
    "two values for one group",
    "g,y\na,1\na,2\n",
    /another value than in row 1/,
    ({ axisOf, column }) => column("y", [axisOf("g")]),
  ),
  csv("an axis of another table", "y\n1\n", /k/, ({ column }) => column("y", [axis("k", 1)])),
  csv("ids that count from 1", "i,y\n1,1\n2,2\n", /'i' in row 2 is 2/, ({ positions }) =>
    positions("i", axis("k", 2)),
  ),
  csv("ids with fractions", "i\n0\n0.5\n", /'i' in row 2 is 0\.5/, ({ positions }) =>
    positions("i", axis("k", 2)),
  ),
  csv("negative ids", "i\n0\n-1\n", /'i' in row 2 is -1/, ({ positions }) =>
    positions("i", axis("k", 2)),
  ),
  csv("a column taken for a single value", "n\n1\n", /'n' is a column/, ({ scalar }) =>
    scalar("n"),
  ),
  csv("columns side by side without labels", "y\n1\n", /needs labels/, ({ columnsAlong }) =>
    columnsAlong(axis("k", 2)),
  ),
  csv("columns side by side that are not there", "y\n1\n", /no column 'a'/, ({ columnsAlong }) =>
    columnsAlong(axis("k", 2, ["a", "b"])),
  ),
  csv("presence of no column", "x\n1\n", /no column 'y'/, ({ present }) => present("y")),
  csv(
    "a column called __proto__ is not any other",
    "x\n1\n",
    /no column '__proto__'/,
    ({ column }) => column("__proto__"),
  ),
  csv("a column called constructor", "x\n1\n", /no column 'constructor'/, ({ column }) =>
    column("constructor"),
  ),
  csv("a name that is no text", "x\n1\n", /text|name|column/, ({ column }) =>
    column(undefined as never),
  ),
  json("an empty file", "", /t\.json/),
  json("half a file", '{"y": [1, 2', /t\.json/),
  json("a comma too many", '{"y": [1, 2,]}', /t\.json/),
  json("comments", '// rows\n{"y": [1]}', /t\.json/),
  json("single quotes", "{'y': [1]}", /t\.json/),
  json("NaN, which JSON has not", '{"y": [1, NaN]}', /t\.json/),
  json("lines of JSON", '{"y": 1}\n{"y": 2}\n', /t\.json/),
  json("null", "null", /list of rows/),
  json("a number", "3", /list of rows/),
  json("a text", '"y"', /list of rows/),
  json("an empty list", "[]", /no rows/),
  json("an empty object", "{}", /found neither/),
  json("a list of numbers", "[1, 2]", /list of rows/),
  json("a list of lists", "[[1], [2]]", /list of rows/),
  json("rows and null", '[{"y": 1}, null]', /list of rows/),
  json("columns of two lengths", { y: [1, 2], x: [1] }, /lengths \{y: 2, x: 1\}/),
  json("columns of no length", { y: [] }, /no rows/),
  json("single values alone", { y: 1 }, /neither|column/),
  json(
    "a matrix",
    {
      y: [
        [1, 2],
        [3, 4],
      ],
    },
    /matrix.*y1 and y2/,
  ),
  json("values by name in a column", { y: { a: 1 } }, /'y' holds values by name/),
  json("an object in a cell", { y: [1, { a: 1 }] }, /row 2 of column 'y'/),
  json("a list in a cell of a row", [{ y: 1 }, { y: [2] }], /row 2 of column 'y'/),
  json("a blank text among numbers", { y: [1, " "] }, /row 2/),
  json("an empty text among numbers", { y: [1, ""] }, /row 2/),
  json("a number with blanks", { y: [1, " 2 "] }, /row 2/),
  json("a row without a value", [{ y: 1 }, { x: 2 }], /no value.*row 2/),
  json("null among numbers", { y: [1, null] }, /no value.*row 2/),
  json("1e999, which is infinite", '{"y": [1, 1e999]}', /line 1 holds 1e999, too large/),
  json("a single value that is infinite", '{"y": [1], "n": -1e400}', /holds -1e400, too large/),
  json("a label that is infinite", '{"y": [1], "g": [1e+400]}', /holds 1e\+400, too large/, labels),
  json("half of a surrogate pair", '{"y": [1],\n"g": ["a\\ud800b"]}', /line 2 holds half/, labels),
  json("a name with half of one", '{"y\\udc00": [1]}', /line 1 holds half/),
  json("brackets without end", "[".repeat(100_000), /t\.json/),
  json("200,000 lists in one another", "[".repeat(2e5) + "]".repeat(2e5), /list of rows/),
  json("a text of a million characters", { y: ["x".repeat(1e6)] }, /^.{60,400}$/),
  json(
    "a table of GeoJSON",
    { type: "x", features: [{ type: "y" }] },
    /row 1 of column 'features'/,
  ),
  json("an array of NumPy by parts", { y: { shape: [1], data: [1] } }, /values by name/),
  json("rows that are lists", '[{"y": 1}, [2]]', /list of rows/),
  json("a web page", "<html></html>", /t\.json: Unexpected token/),
  json("text behind the end", '{"y": [1]} x', /t\.json/),
  json("values by names of Object", '{"__proto__": {"y": [1]}}', /values by name/),
  json("a single value that is a text", { y: [1], n: "x" }, /'n' is 'x'/, ({ scalar }) =>
    scalar("n"),
  ),
  json("a single value that is null", { y: [1], n: null }, /'n' is null/, ({ scalar }) =>
    scalar("n"),
  ),
  json("no such single value", { y: [1], n: 2 }, /no single value 'm'/, ({ scalar }) =>
    scalar("m"),
  ),
  json(
    "a single value taken for a column",
    { y: [1], n: 2 },
    /'n' is a single value/,
    ({ column }) => column("n"),
  ),
  json("a name twice", '{"y": [1], "y": [2]}', /line 1 has the name 'y' a second time/),
  json("a name twice in a row", '[{"y": 1},\n{"y": 2, "x": 1, "\\u0079": 3}]', /line 2 .*'y'/),
  json("a whole number with too many digits", '{"y": [1,\n9007199254740993]}', /line 2 holds 9007/),
  json("a single value with too many digits", '{"y": [1], "n": -9007199254740993}', /holds -9007/),
  json("too many digits with a point", '{"y": [9007199254740993.0]}', /more digits/),
  json("too many digits with an exponent", '{"y": [90071992547409930e-1]}', /more digits/),
  json(
    "names that differ in composition",
    '{"\u00e9": [1], "e\u0301": [2], "y": [1]}',
    /two columns/,
  ),
  json("names of rows that differ so", '[{"\u00e9": 1, "e\u0301": 2, "y": 1}]', /two columns/),
  json("lists of lists of lists", { y: [[[1]]] }, /list of lists/),
  json("columns of pandas", { y: { 0: 1, 1: 2 } }, /values by name/),
  json("a table of pandas by parts", { columns: ["y"], index: [0], data: [[1]] }, /list of lists/),
  json("a long object in a cell", { y: [{ a: "x".repeat(9999) }] }, /row 1 .*\.\.\.: a cell/),
  json("a number that is too small", '{"y": [1e-400]}', /1e-400, too small/),
  csv("an axis for a list of axes", "g,y\na,1\n", /column 'y': axes must be a list/, (columns) =>
    columns.column("y", columns.axisOf("g") as never),
  ),
  csv("a misspelt option", "y\nNA\n1\n", /has no entry 'mising'/, ({ column }) =>
    column("y", undefined, { mising: 0 } as never),
  ),
  csv("a misspelt option of positions", "i\n1\n", /has no entry 'frist'/, ({ positions }) =>
    positions("i", axis("k", 2), { frist: 1 } as never),
  ),
  csv("a text for a number", "y\nNA\n1\n", /missing must be a finite number/, ({ column }) =>
    column("y", undefined, { missing: "0" } as never),
  ),
  csv("ids that count from a fraction", "i\n1\n", /first must be a whole number/, ({ positions }) =>
    positions("i", axis("k", 2), { first: 0.5 }),
  ),
  { what: "Parquet: an empty file", name: "t.parquet", content: "", says: /t\.parquet/ },
  { what: "Parquet: text", name: "t.parquet", content: "y\n1\n", says: /t\.parquet/ },
  {
    what: "Parquet: cut in the middle",
    name: "t.parquet",
    content: whole.subarray(0, 60),
    says: /t\.parquet/,
  },
  {
    what: "Parquet: without its end",
    name: "t.parquet",
    content: whole.subarray(0, -4),
    says: /t\.parquet/,
  },
  {
    what: "Parquet: without its beginning",
    name: "t.parquet",
    content: whole.subarray(40),
    says: /t\.parquet/,
  },
  {
    what: "Parquet: a footer of nonsense",
    name: "t.parquet",
    content: Uint8Array.from(whole, (byte, i) =>
      i > 60 && i < whole.length - 8 ? 255 - byte : byte,
    ),
    says: /t\.parquet/,
  },
  {
    what: "Parquet: no rows",
    name: "t.parquet",
    content: parquet([{ name: "y", data: [], type: "DOUBLE" }]),
    says: /no rows/,
  },
  {
    what: "Parquet: infinite numbers",
    name: "t.parquet",
    content: parquet([{ name: "y", data: [1, Number.POSITIVE_INFINITY], type: "DOUBLE" }]),
    says: /row 2/,
  },
  {
    what: "Parquet: texts among numbers",
    name: "t.parquet",
    content: parquet([{ name: "y", data: ["1", "x"], type: "STRING" }]),
    says: /row 2/,
  },
  ...(
    [
      ["lists", "lists of whole numbers", /row 1 of column 'y' holds \["1","2"\]/],
      ["bigDecimal", "decimals of too many digits", /row 2 .*more digits than a float64/],
      ["zstd", "another compression", /compressed by ZSTD.*snappy/],
      ["binary", "bytes that are no text", /text that is not UTF-8 \(bytes ff fe/],
    ] as const
  ).map(([file, what, says]) => ({
    ...{ what: `Parquet: ${what}`, name: "t.parquet", content: PYARROW[file], says },
  })),
  {
    what: "Parquet: two columns of one name",
    name: "t.parquet",
    content: parquet([
      { name: "y", data: [1], type: "DOUBLE" },
      { name: "y", data: [2], type: "DOUBLE" },
    ]),
    says: /two columns 'y'/,
  },
  ...["t.xlsx", "t", "t.", ".csv.gz", "t.txt", "t.__proto__", "t.constructor"].map((name) => ({
    ...{ what: `the file name ${name}`, name, content: "y\n1\n", says: /end in \.csv/ },
  })),
];
