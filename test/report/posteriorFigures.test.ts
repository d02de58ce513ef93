/** Which figures a posterior gets. */
import { describe, expect, test } from "vitest";
import { type PosteriorDraws, summarise } from "../../src/inference/index.ts";
import { posteriorFigures } from "../../src/report/figures/posterior.ts";
import { type Axis, axis, sizeOf } from "../../src/tensor/index.ts";

/** Three draws of each site around a value; one of whole numbers. */
function samples(
  sites: Readonly<Record<string, readonly [number, readonly Axis[]]>>,
): PosteriorDraws {
  const entries = Object.entries(sites).map(([name, [at, axes]]) => {
    const size = sizeOf(axes);
    const data = Float64Array.from({ length: 3 * size }, (_, i) => at + Math.floor(i / size));
    return [name, { kind: "latent", axes, data }] as const;
  });
  return { draws: 3, sites: Object.fromEntries(entries) };
}

const captions = async (all: PosteriorDraws) =>
  (await posteriorFigures(summarise(all), all)).map(({ caption }) => caption);

describe("the figures of a posterior", () => {
  const years = Array.from({ length: 20 }, (_, i) => `${1900 + i}`);
  const year = axis("year", 20, years);
  const school = axis(
    "school",
    20,
    years.map((each) => `School ${each}`),
  );
  const user = axis(
    "user",
    50,
    Array.from({ length: 50 }, (_, i) => `U${i}`),
  );

  test("single numbers stand together if they can be seen on one scale", async () => {
    const all = samples({ a: [1.5, []], b: [2000.5, []], c: [4.5, []], d: [900.5, []] });
    const figures = await posteriorFigures(summarise(all), all);
    expect(
      figures.map(({ svg }) => ["a", "b", "c", "d"].filter((x) => svg.includes(`>${x}<`))),
    ).toEqual([
      ["a", "c"],
      ["b", "d"],
    ]);
  });

  test("places that are numbers make a curve, labels intervals, too many labels nothing", async () => {
    const all = samples({ level: [0.5, [year]], theta: [0.5, [school]], z: [0.5, [user]] });
    expect(await captions(all)).toEqual([
      "Posterior of level: mean and central 90% interval at each year.",
      "Posterior of theta: mean and central 90% interval.",
    ]);
    const [curve] = await posteriorFigures(summarise(all), all);
    expect(curve.svg).toContain(">1905<");
    expect(curve.svg).not.toContain("1,9");
  });

  test("dates make a curve over time", async () => {
    const dates = Array.from({ length: 60 }, (_, i) =>
      new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10),
    );
    const all = samples({ level: [0.5, [axis("day", 60, dates)]] });
    const [{ svg, caption }] = await posteriorFigures(summarise(all), all);
    expect(caption).toContain("at each day");
    expect(svg.includes(">Jan 21<")).toBe(true);
  });

  test("discrete values have no interval", async () => {
    expect(await captions(samples({ busy: [0, [year]] }))).toEqual([
      "Posterior of busy: mean at each year.",
    ]);
  });
});
