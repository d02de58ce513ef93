/** Distress of the O-rings of 23 space shuttle launches against the temperature in degrees Fahrenheit. */
import { bernoulli, type Columns, model, normal } from "surmise";

export default model(({ sample, observe, plate }, { row, column }: Columns) => {
  const intercept = sample("intercept", normal(0, 5));
  const slope = sample("slope", normal(0, 5));
  plate(row, () => {
    const tens = column("temperature").sub(70).mul(0.1);
    const logits = intercept.add(slope.mul(tens));
    observe("distress", bernoulli({ logits }), column("distress"));
  });
});
