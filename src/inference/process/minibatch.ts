/** Minibatches drawn inside the program: no host code between two training steps. */
import {
  AXIS,
  type Axis,
  cast,
  checkArguments,
  fold,
  gatherClamped,
  grad,
  index,
  KEY,
  type Key,
  maximum,
  minimum,
  mod,
  nodesOf,
  SurmiseError,
  select,
  shuffled,
  stopGradient,
  sum,
  TENSOR,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";

/**
 * The rows of the minibatch at the 0-based int32 `step`: int32 over `batch`. Batches follow one
 * another along a stream of rows in which each run of `row.size`, an epoch, holds every row exactly
 * once, in an order of its own; a batch may straddle two epochs. The stream has 2^32 places. The key
 * is the same at all steps.
 *
 * @throws SurmiseError if the batch is larger than the data, or the key depends on the step.
 */
export function minibatchRows(row: Axis, batch: Axis, step: Tensor, key: Key): Tensor {
  checkArguments("minibatchRows", { row, batch }, AXIS);
  checkArguments("minibatchRows", { step }, TENSOR);
  checkArguments("minibatchRows", { key }, KEY);
  if (batch.size > row.size) {
    throw new SurmiseError(
      `minibatch: '${batch.name}' has ${batch.size} elements, '${row.name}' only ${row.size}`,
    );
  }
  if (nodesOf([key.k0, key.k1]).includes(step)) {
    throw new SurmiseError(
      "minibatch: the key depends on the step, so that an epoch would not hold each row once: use " +
        "the key of the run, the third argument of the objective",
    );
  }
  const place = step.mul(batch.size).add(index(batch));
  const within = mod(place, row.size);
  const epochStart = place.sub(within);
  const rows = shuffled(fold(fold(key, "shuffle"), epochStart), within, row.size);
  // They lie inside by construction; so written, whoever gathers at them need not check it.
  return minimum(maximum(rows, 0), row.size - 1);
}

/**
 * The elements of `rows` (axes: `row` and any others) at `minibatchRows`: `batch` takes the place of
 * `row`. To read several tensors at the same rows, gather each at `minibatchRows`.
 *
 * @throws SurmiseError if the batch is larger than the data, or the key depends on the step.
 */
export function minibatch(rows: Tensor, row: Axis, batch: Axis, step: Tensor, key: Key): Tensor {
  checkArguments("minibatch", { rows }, TENSOR);
  checkArguments("minibatch", { row, batch }, AXIS);
  checkArguments("minibatch", { step }, TENSOR);
  checkArguments("minibatch", { key }, KEY);
  return gatherClamped(rows, row, minibatchRows(row, batch, step, key));
}

/** Which rows of the data a minibatch holds. */
interface Rows {
  readonly batch: Axis;
  readonly row: Axis;
  /** int32 over `batch`, of which none comes more than twice. */
  readonly rows: Tensor;
}

/**
 * `all`, of which the rows of a minibatch were gathered, with `change` added to these. Of a row that comes twice, as one may
 * where a batch straddles two epochs, the later change counts alone.
 */
export function addToRows(all: Tensor, change: Tensor, { batch, row, rows }: Rows): Tensor {
  const place = cast(index(batch), "float64");
  const none = cast(index(row).mul(0), "float64");
  const scattered = (onto: Tensor, x: Tensor) => {
    // The derivative of a gather is the scatter.
    const [found] = grad(sum(gatherClamped(onto, row, rows).mul(stopGradient(x))), [onto]);
    return found;
  };
  /** For each place, the sum over the places of its row. */
  const overSame = (x: Tensor) => gatherClamped(scattered(none, x), row, rows);
  const isLast = place.mul(overSame(place.mul(0).add(1))).ge(overSame(place));
  return all.add(scattered(all, select(isLast, change, 0)));
}

/**
 * Grey values (uint8, 0 to 255) as random black and white: float32, 1 with probability grey / 255.
 * Called with a new key at each use of a datum, it is the "dynamic" binarisation of MNIST (Burda,
 * Grosse and Salakhutdinov 2016).
 */
export function binarise(grey: Tensor, key: Key): Tensor {
  checkArguments("binarise", { grey }, TENSOR);
  checkArguments("binarise", { key }, KEY);
  const level = uniform(fold(key, "binarise"), grey.axes).mul(255);
  return cast(level.lt(cast(grey, "float32")), "float32");
}
