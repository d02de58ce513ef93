/**
 * A semi-supervised autoencoder (Kingma, Rezende, Mohamed and Welling 2014, the model M2): of one picture in ten the digit is
 * known; of the others a classifier guesses it, and the bound is the mean over its guesses.
 * `npx tsx examples/autoencoders/semiSupervised.ts 1000` reaches -115.8 nats a picture of MNIST that it has not seen, and tells 90 % of their digits.
 */
import {
  axis,
  bernoulli,
  dense,
  embedding,
  exp,
  gather,
  index,
  logSumExp,
  model,
  normal,
  relu,
  select,
  sum,
} from "surmise";
import { type Autoencoder, column, kind, type Pictures, row, run } from "./digits.ts";

const [code, unit, seen] = [axis("code", 16), axis("unit", 200), axis("seen", 200)];
/** How much the guess of a known digit counts beside the picture (alpha of the paper, for each picture whose digit is known). */
const GUESS = 20;

export const semiSupervised: Autoencoder = {
  model: model<Pictures>(
    ({ param, sample, factor, plate }, { picture, ink, digit, known, total }) => {
      /** What is added for each digit that a picture may show. */
      const byDigit = (name: string, to: typeof unit) =>
        embedding(param, name, kind, to)(index(kind));
      plate(
        picture,
        () => {
          const read = dense(param, "encoder.hidden", [row, column], seen)(ink);
          const asked = relu(read.add(byDigit("encoder.digit", seen)));
          const mean = dense(param, "encoder.mean", seen, code)(asked);
          const sd = exp(dense(param, "encoder.logSd", seen, code)(asked));
          // A code for each digit, by the same noise.
          const z = mean.add(sd.mul(sample("noise", normal(0, 1).event(code))));
          const told = byDigit("decoder.digit", unit);
          const hidden = relu(dense(param, "decoder.hidden", code, unit)(z).add(told));
          const logits = dense(param, "decoder.ink", unit, [row, column])(hidden);
          const bound = bernoulli({ logits })
            .event(row, column)
            .logProb(ink)
            .add(normal(0, 1).event(code).logProb(z))
            .sub(normal(mean, sd).event(code).logProb(z))
            .sub(Math.log(kind.size));
          const looked = relu(dense(param, "classifier.hidden", [row, column], seen)(ink));
          const scores = dense(param, "classifier.digit", seen, kind)(looked);
          const guess = scores.sub(logSumExp(scores, kind));
          const unlabelled = sum(exp(guess).mul(bound.sub(guess)), kind);
          const labelled = gather(bound.add(guess.mul(GUESS)), kind, digit);
          factor("picture", select(known, labelled, unlabelled));
        },
        { total },
      );
    },
  ),
  guide: model<Pictures>(({ sample, plate }, { picture, total }) => {
    plate(picture, () => sample("noise", normal(0, 1).event(code)), { total });
  }),
};

if (process.argv[1]?.endsWith("semiSupervised.ts")) await run(semiSupervised);
