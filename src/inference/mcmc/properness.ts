/** Whether draws look like those of a density with a finite integral. */
import type { Slots } from "./memory.ts";
import type { Point } from "./transitions/point.ts";

/**
 * Along each element q of a position a proper density has E[(q - E q) d log p / dq] = -1 (Stein's identity, by
 * integration by parts); where it does not fall, chains wander and find 0. These are the sums of one chain.
 */
export class SteinSums {
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private readonly products: Float64Array;
  private readonly squaredProducts: Float64Array;
  private readonly counter: Float64Array;

  constructor(slots: Slots, dimension: number) {
    this.means = slots("stein means", dimension);
    this.squares = slots("stein squares", dimension);
    this.products = slots("stein products", dimension);
    this.squaredProducts = slots("stein squared products", dimension);
    this.counter = slots("stein count", 1);
  }

  /** Takes a draw in. The gradient has the mean 0. */
  add({ position, gradient }: Point): void {
    const { means, squares, products, squaredProducts } = this;
    this.counter[0] += 1;
    const n = this.counter[0];
    for (let i = 0; i < position.length; i++) {
      const difference = position[i] - means[i];
      means[i] += difference / n;
      squares[i] += difference * (position[i] - means[i]);
      const product = difference * gradient[i];
      products[i] += product;
      squaredProducts[i] += product * product;
    }
  }

  /** Adds the sums of squared deviations, and of their products with the gradient, of an element. */
  addTo(total: SteinTotal, element: number): void {
    total.count += this.counter[0];
    total.squares += this.squares[element];
    total.products += this.products[element];
    total.squaredProducts += this.squaredProducts[element];
  }
}

interface SteinTotal {
  count: number;
  squares: number;
  products: number;
  squaredProducts: number;
}

/**
 * Of -1, how much is left where nothing holds a chain; by how many standard errors of independent draws the mean differs
 * from -1; and how far the chain has wandered by then, as a standard deviation.
 */
const [SHARE, ERRORS, FAR] = [0.05, 10, 100];

/** The first element along which chains wander without end, or -1. */
export function improperElement(chains: readonly SteinSums[], dimension: number): number {
  for (let element = 0; element < dimension; element++) {
    const total = { count: 0, squares: 0, products: 0, squaredProducts: 0 };
    for (const sums of chains) sums.addTo(total, element);
    const { count, squares, products, squaredProducts } = total;
    const mean = products / count;
    const error = Math.sqrt(squaredProducts / count - mean ** 2) / Math.sqrt(count);
    if (mean > -SHARE && mean + 1 > ERRORS * error && Math.sqrt(squares / count) > FAR) {
      return element;
    }
  }
  return -1;
}
