/** Doses that are absorbed and eliminated by Michaelis and Menten: a stiff differential equation for each patient. */
import { axis, halfNormal, log, lognormal, model, solveOde, tensor } from "surmise";

const [patient, hour] = [axis("patient", 2), axis("hour", 4)];
const dose = tensor([10, 20], [patient]);
const times = tensor([0.5, 1, 4, 12], [hour]);
const concentration = tensor(
  [
    [6.1, 7.4, 4.2, 0.3],
    [11.8, 15.2, 12.4, 4.4],
  ],
  [patient, hour],
);

export default model(({ sample, observe, plate }) => {
  const absorption = sample("absorption", lognormal(0.5, 0.5));
  const [vmax, km] = [sample("vmax", lognormal(0, 0.5)), sample("km", lognormal(-1, 1))];
  const noise = sample("noise", halfNormal(0.5));
  plate(patient, () => {
    const { blood } = solveOde(
      ({ gut, blood }, _, { absorption, vmax, km }) => {
        const absorbed = absorption.mul(gut);
        return { gut: absorbed.neg(), blood: absorbed.sub(vmax.mul(blood).div(km.add(blood))) };
      },
      {
        initial: { gut: dose, blood: 0 },
        parameters: { absorption, vmax, km },
        times,
        along: hour,
        method: "rosenbrock",
      },
    );
    plate(hour, () => observe("concentration", lognormal(log(blood), noise), concentration));
  });
});
