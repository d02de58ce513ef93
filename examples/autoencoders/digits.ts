/** What the autoencoders of this folder share: digits that are drawn, their training, and the bound of pictures not seen. */
import {
  adam,
  axis,
  bound,
  cast,
  clipped,
  compile,
  gather,
  key,
  Loop,
  type Model,
  minibatchRows,
  paramStore,
  type Tensor,
  tensor,
  training,
} from "surmise";
import { drawDigits } from "surmise/data";

/** The axes of pictures. */
export const [row, column, kind] = [axis("row", 28), axis("column", 28), axis("kind", 10)];

/** What models and guides are given: pictures of black and white over `picture`, row and column, and their digits. */
export interface Pictures {
  readonly picture: typeof row;
  readonly ink: Tensor;
  readonly digit: Tensor;
  /** How many pictures there are in all. */
  readonly total: number;
}

/** A decoder and its encoder. */
export interface Autoencoder {
  readonly model: Model<Pictures, unknown>;
  readonly guide: Model<Pictures, unknown>;
}

/** How long it is trained. */
export interface Length {
  readonly steps: number;
  readonly train?: number;
  readonly test?: number;
}

const BATCH = 50;

/** Trains on minibatches, and gives the mean bound of a picture of the test set, in nats. */
export function testBound({ model, guide }: Autoencoder, length: Length): number {
  const { steps, train = 10_000, test = 500 } = length;
  const digits = drawDigits({ train, test });
  const [all, batch] = [axis("all", train), axis("picture", BATCH)];
  const ink = tensor(digits.train.images, [all, row, column]);
  const digit = tensor(Int32Array.from(digits.train.labels ?? []), [all]);
  const store = paramStore();
  const algorithm = training({
    objective: (step, stepKey, runKey) => {
      const rows = minibatchRows(all, batch, step, runKey);
      const at = (x: Tensor) => gather(x, all, rows);
      const data = { picture: batch, ink: black(at(ink)), digit: at(digit), total: train };
      return bound({ model, guide, data, key: stepKey, parameters: store });
    },
    parameters: store,
    optimiser: clipped(adam(1e-3), { norm: 100 }),
    scale: 1 / train,
    seed: 1,
  });
  const loop = new Loop({ algorithm, steps, recordEvery: Math.max(1, steps) });
  for (const event of loop.calls()) void event;

  const picture = axis("picture", test);
  const { bound: total } = bound({
    model,
    guide,
    data: {
      ...{ picture, total: test },
      ink: black(tensor(digits.test.images, [picture, row, column])),
      digit: tensor(Int32Array.from(digits.test.labels ?? []), [picture]),
    },
    key: key(7),
    parameters: store,
  });
  const program = compile({ outputs: { total } });
  const state = loop.state();
  for (const { name } of store.list()) program.write(name, state[name].data);
  return Number(program.run().total.data[0]) / test;
}

/** 1 where there is more ink than paper. */
const black = (grey: Tensor) => cast(cast(grey, "float32").gt(127.5), "float32");

/** Trains as the command line says, and tells the bound: `npx tsx examples/autoencoders/NAME.ts 2000`. */
export function run(autoencoder: Autoencoder): void {
  const steps = Number(process.argv[2] ?? 2000);
  console.log(
    `${testBound(autoencoder, { steps }).toFixed(1)} nats a picture after ${steps} steps`,
  );
}
