/**
 * Multiplications and additions of the matrix products of a network of dense layers of these widths,
 * for `rows` inputs: forward, the derivatives by the weights, and those by the inputs, which the first
 * layer only needs if `byInput` says so.
 */
export function trainingFlop(rows: number, widths: readonly number[], byInput: boolean): number {
  return layerFlop(rows, widths)
    .map((flop, i) => (i > 0 || byInput ? 3 : 2) * flop)
    .reduce((a, b) => a + b, 0);
}

/** The same of the way forward and the derivatives by the inputs, without those by the weights. */
export function inputGradientFlop(rows: number, widths: readonly number[]): number {
  return 2 * layerFlop(rows, widths).reduce((a, b) => a + b, 0);
}

const layerFlop = (rows: number, widths: readonly number[]) =>
  widths.slice(1).map((width, i) => 2 * rows * widths[i] * width);
