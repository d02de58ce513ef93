/** Moments of densities of one or two numbers, by sums over a grid. */

/** Mean and standard deviation. */
export type Moments = readonly [mean: number, sd: number];

/** Points of a grid along each number. */
const POINTS = { 1: 4001, 2: 401 } as const;

/** The moments of a number with this log density (not normalised) between two ends. */
export function moments(
  logDensity: (x: number) => number,
  [low, high]: readonly [number, number],
): Moments {
  return momentsOf((x) => logDensity(x[0]), [[low, high]], [(x) => x[0]])[0];
}

/** The moments of functions of one or two numbers with this log density (not normalised) in a box. */
export function momentsOf(
  logDensity: (x: readonly number[]) => number,
  box: readonly (readonly [low: number, high: number])[],
  functions: readonly ((x: readonly number[]) => number)[],
): Moments[] {
  const points = POINTS[box.length as keyof typeof POINTS];
  const at = (axis: number, i: number) => {
    const [low, high] = box[axis];
    return low + ((i + 0.5) / points) * (high - low);
  };
  const cells: { readonly x: readonly number[]; readonly log: number }[] = [];
  for (let k = 0; k < points ** box.length; k++) {
    const x = box.map((_, axis) => at(axis, Math.floor(k / points ** axis) % points));
    cells.push({ x, log: logDensity(x) });
  }
  const most = cells.reduce((a, { log }) => Math.max(a, log), Number.NEGATIVE_INFINITY);
  const total = cells.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  return functions.map((f) => {
    const average = (g: (y: number) => number) =>
      cells.reduce((sum, { x, log }) => sum + Math.exp(log - most) * g(f(x)), 0) / total;
    const mean = average((y) => y);
    return [mean, Math.sqrt(average((y) => (y - mean) ** 2))];
  });
}
