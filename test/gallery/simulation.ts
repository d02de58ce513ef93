/** Data drawn from known numbers, for models of galleries: the same for the same seed. */

/** Draws in plain numbers, of code that surmise has no part in. */
export class Simulation {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** Between 0 and 1 (mulberry32). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  }

  normal(mean = 0, sd = 1): number {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    return mean + sd * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  bernoulli(p: number): number {
    return this.uniform() < p ? 1 : 0;
  }

  binomial(n: number, p: number): number {
    return this.many(n, () => this.bernoulli(p)).reduce((a, b) => a + b, 0);
  }

  poisson(rate: number): number {
    let [count, p] = [0, this.uniform()];
    for (const least = Math.exp(-rate); p > least; p *= this.uniform()) count++;
    return count;
  }

  /** Marsaglia and Tsang; of shapes below 1 by a power of a uniform. */
  gamma(shape: number, rate = 1): number {
    if (shape < 1) return this.gamma(shape + 1, rate) * this.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = this.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return (d * v) / rate;
      }
    }
  }

  dirichlet(concentration: readonly number[]): number[] {
    const parts = concentration.map((a) => this.gamma(a));
    const whole = parts.reduce((a, b) => a + b);
    return parts.map((x) => x / whole);
  }

  categorical(probabilities: readonly number[]): number {
    let left = this.uniform();
    const at = probabilities.findIndex((p) => {
      left -= p;
      return left < 0;
    });
    return at < 0 ? probabilities.length - 1 : at;
  }

  many<T>(count: number, draw: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => draw(i));
  }
}

/** exp(x) / (1 + exp(x)). */
export const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Whole numbers: counts, places, categories. */
export const int = (x: readonly number[]) => Int32Array.from(x);
