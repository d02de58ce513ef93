/**
 * What the autoencoders of this folder share: pictures of digits, MNIST where it is on this computer (in the folder
 * SURMISE_DATA, or in the cache), else drawn ones; their training; and the bound of pictures
 * not seen.
 */
import {
  adam,
  axis,
  bound,
  cast,
  clipped,
  compile,
  constant,
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
import { drawDigits, type ImageDataset, type ImageSet, loadImages } from "surmise/data";

/** The axes of pictures. */
export const [row, column, kind] = [axis("row", 28), axis("column", 28), axis("kind", 10)];

/** What models and guides are given: pictures of black and white over `picture`, row and column, and their digits. */
export interface Pictures {
  readonly picture: typeof row;
  readonly ink: Tensor;
  readonly digit: Tensor;
  /** 1 where someone has said which digit it is: so many of the pictures that are trained on, and no others. */
  readonly known: Tensor;
  /** How many pictures there are in all. */
  readonly total: number;
}

/** A decoder and its encoder. */
export interface Autoencoder {
  readonly model: Model<Pictures, unknown>;
  readonly guide: Model<Pictures, unknown>;
}

/** How long it is trained, and on how many pictures it is judged. */
export interface Length {
  readonly steps: number;
  readonly test?: number;
}

/** How good it is on pictures that it has not seen. */
export interface Score {
  /** The mean bound of a picture, in nats. */
  readonly bound: number;
  /** Of a model that draws pictures differently for each digit: how many of them have the highest bound with their own. */
  readonly accuracy?: number;
}

const BATCH = 50;
/** One picture in so many is labelled. */
const LABELLED = 10;

/** MNIST, if it is here, else drawn digits. */
export function loadDigits(): Promise<ImageDataset> {
  return loadImages("mnist", { download: false }).catch(() =>
    drawDigits({ train: 10_000, test: 500 }),
  );
}

/** Trains on minibatches, and judges it on the first pictures of the test set. */
export function score({ model, guide }: Autoencoder, digits: ImageDataset, length: Length): Score {
  const { steps, test = 500 } = length;
  const train = digits.train.count;
  const [all, batch] = [axis("all", train), axis("picture", BATCH)];
  const ink = tensor(digits.train.images, [all, row, column]);
  const digit = labelsOf(digits.train, all);
  const store = paramStore();
  const algorithm = training({
    objective: (step, stepKey, runKey) => {
      const rows = minibatchRows(all, batch, step, runKey);
      const at = (x: Tensor) => gather(x, all, rows);
      const known = rows.lt(Math.floor(train / LABELLED));
      const data = { picture: batch, ink: black(at(ink)), digit: at(digit), known, total: train };
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
  const shown = black(tensor(digits.test.images.subarray(0, test * 784), [picture, row, column]));
  const truth = labelsOf(digits.test, picture);
  const boundWith = (digit: Tensor, known: number) => {
    const data = { picture, ink: shown, digit, known: constant(known, "uint8"), total: test };
    return bound({ model, guide, data, key: key(7), parameters: store });
  };
  const each = Array.from({ length: 10 }, (_, k) => [
    `${k}`,
    boundWith(truth.mul(0).add(k), 1).perElement(picture),
  ]);
  const total = boundWith(truth, 0).bound;
  const program = compile({ outputs: { total, ...Object.fromEntries(each) } });
  const state = loop.state();
  for (const { name } of store.list()) program.write(name, state[name].data);
  const found = program.run();
  const best = (i: number) =>
    each.reduce((a, _, k) => (found[k].data[i] > found[a].data[i] ? k : a), 0);
  const isTold = found[0].data[0] !== found[1].data[0];
  const right = (digits.test.labels ?? new Uint8Array())
    .subarray(0, test)
    .filter((k, i) => best(i) === k);
  return {
    bound: Number(found.total.data[0]) / test,
    ...(isTold && { accuracy: right.length / test }),
  };
}

/** 1 where there is more ink than paper. */
const black = (grey: Tensor) => cast(cast(grey, "float32").gt(127.5), "float32");

const labelsOf = ({ labels = new Uint8Array() }: ImageSet, along: typeof row) =>
  tensor(Int32Array.from(labels.subarray(0, along.size)), [along]);

/** Trains as the command line says, and tells the bound: `npx tsx examples/autoencoders/NAME.ts 2000`. */
export async function run(autoencoder: Autoencoder): Promise<void> {
  const steps = Number(process.argv[2] ?? 2000);
  const digits = await loadDigits();
  const { bound, accuracy } = score(autoencoder, digits, { steps });
  const told = accuracy === undefined ? "" : `, ${(100 * accuracy).toFixed(1)} % told apart`;
  console.log(`${digits.name}: ${bound.toFixed(1)} nats a picture after ${steps} steps${told}`);
}
