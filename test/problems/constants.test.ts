import { expect, test } from "vitest";
import { type Columns, columnsOf, gather, model, normal, parseTable } from "../../src/index.ts";
import { constantsOf } from "../../src/problems/table/constants.ts";

const TEXT = "county,floor,y\nB,1,0.5\nA,0,1.5\nB,0,2.5\n";

test("what a model has read beside its observations, with whole numbers for positions", async () => {
  const columns = columnsOf(await parseTable(TEXT, "houses.csv"));
  const houses = model(
    ({ sample, observe, plate }, { row, axisOf, column, indexOf, indicator }: Columns) => {
      const county = axisOf("county");
      const level = plate(county, () => sample("level", normal(0, 1)));
      const slope = sample("slope", normal(0, 1));
      plate(row, () => {
        const mean = gather(level, county, indexOf("county")).add(slope.mul(column("floor")));
        observe("y", normal(mean.add(indicator("county", "A")), 1), column("y"));
      });
    },
  );
  const { row } = columns;
  expect(constantsOf({ model: houses as never, data: columns, columns })).toEqual({
    county_index: { axes: [row], data: new Int32Array([0, 1, 0]), whole: true },
    floor: { axes: [row], data: new Float64Array([1, 0, 0]) },
    county_A: { axes: [row], data: new Float64Array([0, 1, 0]) },
  });
  expect(constantsOf({ model: houses as never, data: columns })).toBe(undefined);
});
