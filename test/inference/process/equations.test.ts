/** What is said where the solution of a differential equation is not reached. */
import { expect, test } from "vitest";
import { halfNormal, normal } from "../../../src/distributions/index.ts";
import { fit } from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { axis, solveOde, tensor } from "../../../src/tensor/index.ts";

test("steps that run out are told with the site, the time, and what helps", async () => {
  const time = axis("time", 3);
  const times = tensor([0, 1, 2], [time]);
  const stiff = model(({ sample, observe, plate }) => {
    const k = sample("k", halfNormal(1));
    const { y } = solveOde(({ y }, _, { k }) => ({ y: y.mul(k).mul(-1e6) }), {
      ...{ initial: { y: 1 }, parameters: { k }, times, along: time, maxSteps: 50 },
    });
    plate(time, () => observe("seen", normal(y, 1), tensor([0, 0, 0], [time])));
  });
  await expect(async () => fit({ model: stiff, data: undefined, steps: 10 })).rejects.toThrow(
    /at step 1 the bound is NaN: site 'seen': the solution of a differential equation is NaN at time 2.*must be reached within maxSteps steps from the time before\. .*if it is stiff take method: "rosenbrock"/,
  );
});
