/** Tables as people have them: taken exactly, or refused with row and column, or said. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { type Columns, columnsOf, readTable } from "../../src/data/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, type Tensor } from "../../src/tensor/index.ts";

const folder = mkdtempSync(join(tmpdir(), "surmise-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
afterEach(() => warn.mockClear());
const said = () => warn.mock.calls.map(([message]) => message).join("\n");

async function columns(name: string, content: string | Uint8Array): Promise<Columns> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return columnsOf(await readTable(path));
}
const csv = (header: string, cells: readonly string[]) =>
  columns("t.csv", `${header},k\n${cells.map((cell) => `"${cell}",x\n`).join("")}`);
const json = (value: unknown) => columns("t.json", JSON.stringify(value));
const numbers = (x: Tensor) => [...compile({ outputs: { x } }, { steps: 1 }).run().x.data];

describe("numbers are decimals", () => {
  test.each(["1", "-1.5", "+2", ".5", "5.", "1e3", "2E-3", "007", "true", "FALSE"])(
    "%s",
    async (text) => {
      const right = { true: 1, FALSE: 0 }[text] ?? Number(text);
      expect(numbers((await csv("y", ["1", text])).column("y"))[1]).toBe(Math.fround(right));
      expect(numbers((await json({ y: [1, text] })).column("y"))[1]).toBe(Math.fround(right));
    },
  );

  const refused: readonly [string, RegExp][] = [
    ["0x10", /not a number: write it in decimals/],
    ["0o17", /write it in decimals/],
    ["0b11", /write it in decimals/],
    ["1e", /not a number: mend the file/],
    ["1_000", /without separators/],
    ["1,5", /with a decimal point and without separators, such as 1234\.5/],
    ["1,234.5", /without separators/],
    ["1 000", /without separators/],
    ["$5", /not a number/],
    ["5%", /not a number/],
    ["Infinity", /a value must be finite/],
    ["-inf", /a value must be finite/],
    ["1e999", /too large for a float64/],
    ["--1", /not a number/],
    ["9007199254740993", /more digits than a float64 holds/],
  ];
  test.each(refused)("not %s", async (text, why) => {
    for (const table of [await csv("y", ["1", text]), await json({ y: [1, text] })]) {
      expect(() => table.column("y")).toThrow(/column 'y' in row 2 is '/);
      expect(() => table.column("y")).toThrow(why);
    }
  });

  test("blank texts and texts with blanks are none in JSON", async () => {
    for (const text of ["", " ", " 5"]) {
      const table = await json({ y: [1, text] });
      expect(() => table.column("y")).toThrow(`column 'y' in row 2 is '${text}', not a number`);
    }
  });

  test("1e999 in JSON is infinite, and refused", async () => {
    const table = columns("big.json", '{"y": [1, 1e999]}');
    await expect(table).rejects.toThrow("line 1 holds 1e999, too large for a float64");
  });
});

describe("words for missing values", () => {
  test("are gaps among numbers and dates, labels among labels", async () => {
    const words = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None"];
    const table = await csv("y", ["1", ...words]);
    expect(numbers(table.column("y", [table.row], { missing: -1 }))).toEqual([
      1,
      ...words.map(() => -1),
    ]);
    expect(numbers(table.present("y"))).toEqual([1, ...words.map(() => 0)]);
    expect(() => table.axisOf("y")).toThrow("column 'y' in row 2 is empty");
    const countries = await csv("code", ["DE", ...words]);
    expect(countries.axisOf("code").labels).toEqual(["DE", ...words]);
    expect(numbers(countries.present("code"))).toEqual([1, ...words.map(() => 1)]);
    const dates = await csv("date", ["2024-01-01", "NA"]);
    expect(() => dates.axisOf("date")).toThrow("column 'date' in row 2 is empty");
  });
});

describe("labels", () => {
  test("that are equal numbers are one, and that is said", async () => {
    const { axisOf, indexOf } = await csv("id", ["2", "1", "1.0", "01", "1e0"]);
    expect(axisOf("id").labels).toEqual(["1", "2"]);
    expect(numbers(indexOf("id"))).toEqual([1, 0, 0, 0, 0]);
    expect(said()).toBe("surmise: t.csv: column 'id': '1', '1.0', '01', '1e0' are one label");
  });

  test("of many digits stay apart, or are refused where JSON has lost them", async () => {
    const ids = ["9007199254740993", "9007199254740992"];
    expect((await csv("id", ids)).axisOf("id").labels).toEqual([...ids].reverse());
    await expect(columns("ids.json", `{"id": [${ids}]}`)).rejects.toThrow(
      "ids.json: line 1 holds 9007199254740993, a whole number with more digits than a float64 holds",
    );
  });

  test("that differ in blanks or composition are one, and that is said", async () => {
    const { axisOf } = await json({ k: ["Bär", "Ba\u0308r", "Bär "] });
    expect(axisOf("k").labels).toEqual(["Bär"]);
    expect(said()).toContain("are one label");
  });

  test.each([
    ['{"k": [1, "1", 2]}', "1, '1' are one label"],
    ['{"k": [true, "true"]}', "true, 'true' are one label"],
    ['{"k": [1, 1.0, 2]}', ""],
  ])("numbers and texts of JSON that are one are said so: %s", async (text, note) => {
    const { axisOf } = await columns("t.json", text);
    expect(axisOf("k").size).toBe(note.startsWith("true") ? 1 : 2);
    expect(said()).toBe(note && `surmise: t.json: column 'k': ${note}`);
  });

  test.each([
    ["k,y\na,1\na ,2\nb,3", "'a', 'a ' are one label"],
    ["k,y\n a,1\na ,2\nb,3", "'a', ' a' are one label"],
    ['k,y\na,1\na ,2\nb,"3"', "'a', 'a ' are one label"],
    ['k,y\n"a",1\n"a ",2\nb,3', "'a', 'a ' are one label"],
    ["y, k\n1, a\n2, a\n3, b", ""],
    ['y,k\n"1",a\n\n2,a\n  \n\n3,b\n  \n', ""],
    ["y,k\r1,a\r\r2,a\r3,b\r", ""],
    ["k , y\na , 1\nb , 2\na , 3", ""],
  ])("blanks around labels of a CSV are said where they differ: %j", async (text, note) => {
    const { axisOf, column } = await columns("t.csv", text);
    expect(axisOf("k").labels).toEqual(["a", "b"]);
    expect(numbers(column("y"))).toEqual([1, 2, 3]);
    expect(said()).toBe(note && `surmise: t.csv: column 'k': ${note}`);
  });

  test("nearly all of which are numbers are taken with a word", async () => {
    const { axisOf } = await csv("year", ["1951", "1950", "195O"]);
    expect(axisOf("year").labels).toEqual(["1951", "1950", "195O"]);
    expect(said()).toBe(
      "surmise: t.csv: column 'year': taken as labels in the order in which they appear: row 3 is '195O', " +
        "not a number as 2 of 3 are: mend it if it should be one",
    );
    expect((await csv("z", ["b", "a", "7"])).axisOf("z").labels).toEqual(["b", "a", "7"]);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe("dates", () => {
  const ordered: readonly (readonly string[])[] = [
    ["2024-02-29", "2023-12-31", "2024-01-17"],
    ["2024-02", "2023-11"],
    ["2024-W07", "2023-W52"],
    ["2024-Q1", "2023-Q4"],
    ["2024-01-01T10:00", "2024-01-01T09:59:59.5"],
    ["2024-01-01T00:30:00+02:00", "2023-12-31T22:00:00Z"],
    ["2024-01-01 12:00:00.000000002", "2024-01-01 12:00:00.000000001"],
  ];
  test.each(ordered)("go in the order of time: %s, %s", async (...dates) => {
    const given = dates.filter((date) => date !== undefined);
    const times = [...given].sort();
    const isOffset = given.some((date) => date.endsWith("Z"));
    expect((await csv("d", given)).axisOf("d").labels).toEqual(
      isOffset ? [...given].reverse() : times,
    );
    expect(warn).not.toHaveBeenCalled();
  });

  test("of one time are one label", async () => {
    const table = await csv("d", ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"]);
    expect(table.axisOf("d").size).toBe(1);
    expect(said()).toContain("are one label");
  });

  test.each(["2023-02-29", "2020-02-30", "2020-13-01", "2020-00", "2020-W54", "2020-01-01T24:01Z"])(
    "no calendar has %s",
    async (date) => {
      const table = await csv("d", [date]);
      expect(() => table.axisOf("d")).toThrow(/is '20.*there is no such date or time/);
    },
  );

  test("of several forms are refused", async () => {
    const mixed = await csv("d", ["2024-01-01T00:00Z", "2024-01-01T00:00"]);
    expect(() => mixed.axisOf("d")).toThrow(/row 2 is .*rows before it hold times with an offset/);
    const days = await csv("d", ["2024-01-01", "2024-02"]);
    expect(() => days.axisOf("d")).toThrow(/row 2 is '2024-02', but rows before it hold dates/);
  });

  test.each(["03/04/2021", "3.4.21", "3 Apr 2021", "2021-4-3"])(
    "%s is a label, with a word",
    async (date) => {
      expect((await csv("d", [date, date.replace("3", "2")])).axisOf("d").labels?.[0]).toBe(date);
      expect(said()).toContain("these look like dates: write them as 2024-12-31");
    },
  );
});

describe("single values beside columns", () => {
  test("are numbers for the model", async () => {
    const { scalar, column } = await json({
      N: 2,
      sigma: "0.5",
      on: true,
      note: "a",
      gap: null,
      y: [1, 2],
    });
    expect([scalar("N"), scalar("sigma"), scalar("on")]).toEqual([2, 0.5, 1]);
    expect(() => scalar("M")).toThrow(
      "t.json: there is no single value 'M'; those beside the columns are: N, sigma, on, note, gap",
    );
    expect(() => scalar("note")).toThrow("'note' is 'a', not a number");
    expect(() => scalar("gap")).toThrow("'gap' is null, not a number");
    expect(() => scalar("y")).toThrow("'y' is a column of 2 values: use column('y')");
    expect(() => column("N")).toThrow("'N' is a single value, not a column: use scalar('N')");
  });

  test.each([
    [
      {
        X: [
          [1, 2],
          [3, 4],
        ],
        y: [1, 2],
      },
      /'X' is a list of lists \(a matrix\): .*columnsAlong/,
    ],
    [{ y: [1, 2], prior: { mu: 1 } }, /'prior' holds values by name \(mu\)/],
    [
      { y: [1, 2], z: [1] },
      /lengths \{y: 2, z: 1\}: give those of each length a file of their own/,
    ],
    [
      [
        [1, 2],
        [3, 4],
      ],
      /found neither/,
    ],
  ])("%j is refused", async (value, why) => {
    await expect(json(value)).rejects.toThrow(why);
  });
});

describe("encodings", () => {
  const TEXT = "group,y\nBär,1\nBör,9\n";
  const utf16 = (big: boolean) => {
    const bytes = Buffer.from(`\ufeff${TEXT}`, "utf16le");
    return big ? bytes.swap16() : bytes;
  };
  test("UTF-8 and, with its mark, UTF-16", async () => {
    for (const bytes of [TEXT, `\ufeff${TEXT}`, utf16(false), utf16(true)]) {
      const { axisOf } = await columns("e.csv", bytes);
      expect(axisOf("group").labels).toEqual(["Bär", "Bör"]);
    }
    const rows = Buffer.from('\ufeff{"y": [1]}', "utf16le");
    expect(numbers((await columns("e.json", rows)).column("y"))).toEqual([1]);
    expect(numbers((await columns("e.json", '\ufeff{"y": [1]}')).column("y"))).toEqual([1]);
  });

  test("others are refused with the line and what to do", async () => {
    const latin1 = Buffer.from(TEXT, "latin1");
    await expect(columns("l.csv", latin1)).rejects.toThrow(
      /^l\.csv: line 2 is not UTF-8; perhaps it is Latin-1 or Windows-1252: save the file as UTF-8/,
    );
    await expect(columns("h.csv", Buffer.from("größe,y\na,1\n", "latin1"))).rejects.toThrow(
      /line 1 is not/,
    );
    await expect(columns("l.json", Buffer.from('{"k": ["Bär"]}', "latin1"))).rejects.toThrow(
      /line 1 is not/,
    );
    await expect(columns("n.csv", "a,y\nx\0,1\n")).rejects.toThrow(/line 2 holds a character NUL/);
    await expect(columns("u.csv", Buffer.from("a,y\nx,1\n", "utf16le"))).rejects.toThrow(/NUL/);
  });
});

describe("ids as positions", () => {
  test("count from where they are said to", async () => {
    const { positions } = await csv("id", ["1", "3", "2"]);
    const who = axis("who", 3);
    expect(numbers(positions("id", who, { first: 1 }))).toEqual([0, 2, 1]);
    expect(() => positions("id", who)).toThrow(
      "column 'id' in row 2 is 3: axis 'who' of size 3 takes whole numbers from 0 to 2, as ids count from 0 here",
    );
  });

  test("must be whole numbers", async () => {
    const { positions } = await csv("id", ["1", "1.5"]);
    expect(() => positions("id", axis("who", 3))).toThrow("column 'id' in row 2 is 1.5");
  });
});
