/** In which order axes are eliminated from a sum of factors: all that matters is what varies along what. */
import { type Axis, sizeOf, unionAxes } from "../../tensor/internal.ts";

/** The axes of each factor. */
type Scopes = readonly (readonly Axis[])[];

/** Up to this many axes the best order is found; beyond, the cheapest next step is taken each time. */
const OPTIMAL_UP_TO = 8;

/** An order of elimination, and the cost of all its steps together. */
interface Order {
  readonly axes: readonly Axis[];
  readonly cost: number;
}

/**
 * An order in which to eliminate `axes` that keeps the cost low: the elements of the joint factors: eliminating an axis
 * combines all factors that vary along it into one over the union of their other axes.
 */
export function eliminationOrder(axes: readonly Axis[], scopes: Scopes): readonly Axis[] {
  return axes.length <= OPTIMAL_UP_TO ? optimal(axes, scopes) : greedy(axes, scopes);
}

/** By dynamic programming: what is left after a set of axes is gone does not depend on their order. */
function optimal(axes: readonly Axis[], scopes: Scopes): readonly Axis[] {
  const best = new Map<number, Order & { readonly left: Scopes }>();
  best.set(0, { axes: [], cost: 0, left: scopes });
  const all = 2 ** axes.length - 1;
  for (let gone = 0; gone < all; gone++) {
    const here = best.get(gone);
    if (here === undefined) continue;
    axes.forEach((a, i) => {
      const next = gone | (1 << i);
      if (next === gone) return;
      const { cost, left } = without(a, here.left);
      const known = best.get(next);
      if (known !== undefined && known.cost <= here.cost + cost) return;
      best.set(next, { axes: [...here.axes, a], cost: here.cost + cost, left });
    });
  }
  return best.get(all)?.axes ?? [];
}

function greedy(axes: readonly Axis[], scopes: Scopes): readonly Axis[] {
  const remaining = new Set(axes);
  const order: Axis[] = [];
  let left = scopes;
  while (remaining.size > 0) {
    const steps = [...remaining].map((a) => ({ a, ...without(a, left) }));
    const cheapest = steps.reduce((x, y) => (y.cost < x.cost ? y : x));
    remaining.delete(cheapest.a);
    order.push(cheapest.a);
    left = cheapest.left;
  }
  return order;
}

/** What eliminating `a` costs, and the factors that are left. */
function without(a: Axis, scopes: Scopes): { cost: number; left: Scopes } {
  const joint = unionAxes(...scopes.filter((scope) => scope.includes(a)));
  const rest = scopes.filter((scope) => !scope.includes(a));
  return { cost: sizeOf(joint), left: [...rest, joint.filter((other) => other !== a)] };
}
