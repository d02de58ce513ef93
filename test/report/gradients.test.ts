import { expect, test } from "vitest";
import { gradientSection, gradientTable, reportHtml } from "../../src/report/index.ts";

const found = (variance: number[]) => ({
  ...{ mean: Float64Array.of(3, 4), variance: Float64Array.from(variance) },
  ...{ norm: 6, cosine: 0.256 },
});
const diagnosed = { total: { "z.mean": found([1, 2]) }, path: { "z.mean": found([0.5, 0]) } };

test("gradients: a row for each parameter and estimator, and a line for each estimator", async () => {
  expect(gradientTable(diagnosed).rows).toEqual([
    ["z.mean", "total", "5", "3", "6", "0.26"],
    ["z.mean", "path", "5", "0.5", "6", "0.26"],
  ]);
  const html = reportHtml({ title: "t", sections: [await gradientSection(diagnosed)] });
  expect(html.match(/<svg/g)).toHaveLength(1);
  expect(html).toContain("norm of mean");
});
