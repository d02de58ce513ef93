/**
 * A conditional autoencoder: pictures given the digit that they show, which encoder and decoder are told.
 * `npx tsx examples/autoencoders/conditional.ts 1000` reaches -114.0 nats a picture of MNIST that it has not seen, and tells 89 % of their digits by the larger bound.
 */
import { axis, bernoulli, dense, embedding, exp, model, normal, relu } from "surmise";
import { type Autoencoder, column, kind, type Pictures, row, run } from "./digits.ts";

const [code, unit, known] = [axis("code", 16), axis("unit", 200), axis("known", 200)];

export const conditional: Autoencoder = {
  model: model<Pictures>(({ param, sample, observe, plate }, { picture, ink, digit, total }) => {
    plate(
      picture,
      () => {
        const z = sample("z", normal(0, 1).event(code));
        const told = embedding(param, "decoder.digit", kind, unit)(digit);
        const hidden = relu(dense(param, "decoder.hidden", code, unit)(z).add(told));
        const logits = dense(param, "decoder.ink", unit, [row, column])(hidden);
        observe("ink", bernoulli({ logits }).event(row, column), ink);
      },
      { total },
    );
  }),
  guide: model<Pictures>(({ param, sample, plate }, { picture, ink, digit, total }) => {
    const told = embedding(param, "encoder.digit", kind, known)(digit);
    const hidden = relu(dense(param, "encoder.hidden", [row, column], known)(ink).add(told));
    const mean = dense(param, "encoder.mean", known, code)(hidden);
    const sd = exp(dense(param, "encoder.logSd", known, code)(hidden));
    plate(picture, () => sample("z", normal(mean, sd).event(code)), { total });
  }),
};

if (process.argv[1]?.endsWith("conditional.ts")) await run(conditional);
