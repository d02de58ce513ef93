/** Running mean and sum of squared deviations of each element (Welford, 1962). */
export class RunningMoments {
  /** The mean of each element. */
  readonly mean: Float64Array;
  /** Sums of squared deviations from the mean. */
  readonly squares: Float64Array;
  private readonly counter: Float64Array;

  /** Of points of so many elements, in the arrays of zeros that `slots` gives by name. */
  constructor(
    slots: (name: string, size: number) => Float64Array,
    name: string,
    dimension: number,
  ) {
    this.mean = slots(`${name} mean`, dimension);
    this.squares = slots(`${name} squares`, dimension);
    this.counter = slots(`${name} count`, 1);
  }

  /** Of points of so many elements, in memory of its own. */
  static of(dimension: number): RunningMoments {
    return new RunningMoments((_, size) => new Float64Array(size), "", dimension);
  }

  /** How many points were added. */
  get count(): number {
    return this.counter[0];
  }

  /** Takes a point in. */
  add(point: ArrayLike<number>): void {
    const { mean, squares } = this;
    this.counter[0] += 1;
    const n = this.counter[0];
    for (let i = 0; i < point.length; i++) {
      const difference = point[i] - mean[i];
      mean[i] += difference / n;
      squares[i] += difference * (point[i] - mean[i]);
    }
  }

  /** Becomes a copy of `other`. */
  copy(other: RunningMoments): void {
    this.mean.set(other.mean);
    this.squares.set(other.squares);
    this.counter.set(other.counter);
  }

  /** Forgets all points. */
  clear(): void {
    this.mean.fill(0);
    this.squares.fill(0);
    this.counter[0] = 0;
  }
}
