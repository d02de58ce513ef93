/**
 * Models of many fields as a user writes them: the log density at values of the latents, and its derivatives, are those of
 * formulas in plain numbers.
 */
import { describe, expect, test } from "vitest";
import { logDensity } from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { Simulation } from "../simulation.ts";
import { FORMULAS } from "./index.ts";

/** Differences of fourth order, in units of the unconstrained numbers: an error of 1e-12 each, by h^4 and rounding. */
const STEP = 1e-3;

describe.each(Object.entries(FORMULAS))("%s", (_, formulas) => {
  test.each(Object.entries(formulas))("%s", (_name, make) => {
    const { model: given, logDensity: formula, spread = 0.4 } = make();
    const density = logDensity(model(given, { dtype: "float64" }), undefined, { jacobian: false });
    const draw = new Simulation(77);
    const { dimension } = density;
    const naive = (position: Float64Array) => {
      const sites = Object.entries(density.constrain(position));
      return formula(
        Object.fromEntries(sites.map(([name, { data }]) => [name, Array.from(data, Number)])),
      );
    };
    for (const _ of [1, 2]) {
      const position = Float64Array.from({ length: dimension }, () => draw.normal(0, spread));
      const gradient = new Float64Array(dimension);
      const value = density.evaluate(position, gradient);
      const expected = naive(position);
      expect(Math.abs(value - expected) / (1 + Math.abs(expected))).toBeLessThan(1e-9);
      for (const _ of [1, 2, 3]) {
        const direction = position.map(() => draw.normal());
        const along = (t: number) => naive(position.map((x, i) => x + t * STEP * direction[i]));
        const slope = (8 * (along(1) - along(-1)) - (along(2) - along(-2))) / (12 * STEP);
        const told = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
        expect(Math.abs(told - slope) / (1 + Math.abs(slope))).toBeLessThan(1e-6);
      }
    }
  });
});
