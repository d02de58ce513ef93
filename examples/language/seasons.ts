/** A curve by its values at knots, a natural spline; and a season by a sine and a cosine. */
import { axis, cos, halfNormal, model, naturalSplines, normal, sin, sum, tensor } from "surmise";

const [month, knot] = [axis("month", 8), axis("knot", 4)];
const time = tensor([0, 3, 6, 9, 12, 15, 18, 21], [month]);
const warmth = tensor([1.2, 8.9, 17.5, 10.1, 1.6, 9.7, 18.2, 10.8], [month]);
const year = time.mul((2 * Math.PI) / 12);
const trend = naturalSplines(time, { knots: [0, 7, 14, 21], basis: knot });

export default model(({ sample, observe, plate }) => {
  const heights = sample("heights", normal(10, 5).event(knot));
  const [up, across] = [sample("up", normal(0, 5)), sample("across", normal(0, 5))];
  const noise = sample("noise", halfNormal(2));
  plate(month, () => {
    const season = up.mul(sin(year)).add(across.mul(cos(year)));
    observe("warmth", normal(sum(trend.mul(heights), knot).add(season), noise), warmth);
  });
});
