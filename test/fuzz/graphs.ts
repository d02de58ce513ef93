/**
 * Random expression graphs. A recipe is a list of small numbers; every list of numbers is a valid
 * recipe, and shorter lists of smaller numbers make simpler graphs, so failures shrink well.
 */
import fc from "fast-check";
import {
  type Axis,
  axis,
  cast,
  type DType,
  input,
  isFloat,
  nodesOf,
  SurmiseError,
  sameAxes,
  setAt,
  sizeOf,
  stopGradient,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
} from "../../src/tensor/internal.ts";
import { Dice, numbers } from "./data.ts";
import { MOVES } from "./moves.ts";

/** A program with the values it is given. */
export interface Graph {
  readonly outputs: readonly Tensor[];
  /** Inputs and the values that take their place at the end of each step. */
  readonly updates: readonly (readonly [Tensor, Tensor])[];
  readonly inputs: ReadonlyMap<string, TypedArray>;
  /** Inputs said to vary. */
  readonly varying: readonly string[] | undefined;
  /** Inputs that are written again after all steps; then the steps are made once more. */
  readonly rewritten: ReadonlyMap<string, TypedArray>;
  readonly steps: number;
  /** Operations from which on work is cut into pieces. */
  readonly grain: number;
  readonly chain: number;
}

export interface Recipe {
  readonly seed: number;
  readonly sizes: readonly number[];
  /** Below 10: float32, then float64, else both. */
  readonly flavour: number;
  /** Type, axes (bits), way of filling, literal or input. */
  readonly leaves: readonly (readonly [number, number, number, number])[];
  readonly moves: readonly (readonly [number, number, number, number])[];
  readonly outputs: readonly number[];
  readonly updates: readonly number[];
  readonly steps: number;
  /** Inputs that vary (bits), if the number is below 32, and inputs that are written again (bits). */
  readonly varying: number;
  readonly rewritten: number;
  readonly grain: number;
  readonly chain: number;
}

const small = fc.integer({ min: 1, max: 9 });
const wide = fc.integer({ min: 16, max: 40 });
const number = fc.nat(999);

const sizes = fc.oneof(
  { weight: 10, arbitrary: fc.array(small, { minLength: 1, maxLength: 4 }) },
  {
    weight: 3,
    arbitrary: fc.tuple(wide, fc.array(small, { maxLength: 2 })).map(([w, rest]) => [w, ...rest]),
  },
  {
    weight: 3,
    arbitrary: fc.array(fc.oneof(fc.integer({ min: 5, max: 15 }), wide), {
      minLength: 3,
      maxLength: 3,
    }),
  },
);

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  seed: fc.nat(0x7fffffff),
  sizes,
  flavour: fc.nat(13),
  leaves: fc.array(fc.tuple(fc.nat(15), fc.nat(31), number, fc.nat(2)), {
    minLength: 1,
    maxLength: 4,
  }),
  moves: fc.array(fc.tuple(fc.nat(MOVES.length - 1), number, number, number), {
    minLength: 1,
    maxLength: 18,
    size: "max",
  }),
  outputs: fc.array(number, { minLength: 1, maxLength: 4 }),
  updates: fc.array(number, { maxLength: 2 }),
  steps: fc.integer({ min: 1, max: 3 }),
  varying: fc.nat(39),
  rewritten: fc.nat(31),
  grain: fc.constantFrom(16, 64, 256, 1024, 2 ** 30),
  chain: fc.constantFrom(4, 7, 64),
});

/** Elements a graph may have in all its nodes together, and in one of them. */
const MOST_WORK = 100_000;
const MOST_ELEMENTS = 3000;
const MOST_ELEMENTS_OF_PRODUCT = 64_000;

/** A graph while it grows. */
export class Builder {
  readonly axes: Axis[];
  readonly pool: Tensor[] = [];
  readonly inputs = new Map<string, TypedArray>();
  /** Other values for the inputs. */
  readonly others = new Map<string, () => TypedArray>();
  readonly leaves: Tensor[] = [];
  readonly dice: Dice;
  private readonly flavour: number;
  private readonly seen = new Set<Tensor>();
  private work = 0;
  private named = 0;

  constructor({ seed, sizes, flavour }: Recipe) {
    this.dice = new Dice(seed, 0);
    this.flavour = flavour;
    this.axes = sizes.map((size) => this.newAxis(size));
  }

  newAxis(size: number): Axis {
    return axis(`a${this.named++}`, size);
  }

  /** The floating-point type that choice `k` gives. */
  float(k = 0): DType {
    if (this.flavour < 10) return "float32";
    return this.flavour < 12 || k % 3 === 0 ? "float64" : "float32";
  }

  /** Some of `all`, by the bits of `mask`. */
  subset<T>(all: readonly T[], mask: number): T[] {
    return all.filter((_, k) => ((mask >> k) & 1) === 1);
  }

  leaf(dtype: DType, axes: readonly Axis[], way: number, kind = 0): Tensor {
    const data = numbers(dtype, sizeOf(axes), way, this.dice);
    if (kind === 2) return this.counted(tensor(data, axes));
    const name = `x${this.inputs.size}`;
    this.inputs.set(name, data);
    this.others.set(name, () => numbers(dtype, data.length, way, this.dice));
    const made = input(name, axes, dtype);
    this.leaves.push(made);
    return this.counted(made);
  }

  private counted(x: Tensor): Tensor {
    this.seen.add(x);
    this.work += sizeOf(x.axes);
    return x;
  }

  /** Puts a node among those to build on, if the graph does not get too large by it. */
  push(x: Tensor): void {
    if (this.accepts([x])) this.pool.push(x);
  }

  /** Whether the graph may have these nodes, which it then has. */
  accepts(nodes: readonly Tensor[]): boolean {
    const added = nodesOf(nodes).filter((n) => !this.seen.has(n));
    const factors = new Set(added.filter((n) => n.op === "sum").map((n) => n.inputs[0]));
    let work = this.work;
    for (const n of added) {
      const size = sizeOf(n.axes);
      const most = n.op === "mul" && factors.has(n) ? MOST_ELEMENTS_OF_PRODUCT : MOST_ELEMENTS;
      if (size > most) return false;
      work += size + 20;
    }
    if (work > MOST_WORK) return false;
    this.work = work;
    for (const n of added) this.seen.add(n);
    return true;
  }

  /** The node number `k` counted from the newest, among those of some types. */
  pick(k: number, fits: (x: Tensor) => boolean): Tensor | undefined {
    const candidates = this.pool.filter(fits);
    return candidates.length === 0
      ? undefined
      : candidates[candidates.length - 1 - (k % candidates.length)];
  }

  /** A floating-point node; one is made if there is none. */
  pickFloat(k: number): Tensor {
    return this.pick(k, (x) => isFloat(x.dtype)) ?? this.fresh(this.float(k), k);
  }

  /** A node of the same type as `x`, by a cast if need be. */
  pickLike(x: Tensor, k: number): Tensor {
    return cast(this.pickFloat(k), x.dtype);
  }

  pickInteger(k: number): Tensor {
    return this.pick(k, (x) => x.dtype === "int32") ?? this.fresh("int32", k);
  }

  /** Nodes that no other node is made of. */
  ends(): Set<Tensor> {
    const used = new Set(nodesOf(this.pool).flatMap((x) => x.inputs));
    return new Set(this.pool.filter((x) => !used.has(x)));
  }

  private fresh(dtype: DType, k: number): Tensor {
    const made = this.leaf(dtype, this.subset(this.axes, k), k);
    this.pool.push(made);
    return made;
  }
}

/** The graph of a recipe. */
export function build(recipe: Recipe): Graph {
  const builder = new Builder(recipe);
  for (const [type, mask, way, kind] of recipe.leaves) {
    const dtype = type < 12 ? builder.float(type) : type < 14 ? "int32" : "uint8";
    const axes = builder.subset(builder.axes, mask);
    if (sizeOf(axes) <= MOST_ELEMENTS) builder.pool.push(builder.leaf(dtype, axes, way, kind));
  }
  for (const [kind, p, q, r] of recipe.moves) {
    try {
      MOVES[kind](builder, p, q, r);
    } catch (error) {
      // What the language refuses is not part of the graph.
      if (!(error instanceof SurmiseError)) throw error;
    }
  }
  const outputs = new Set<Tensor>();
  const ends = builder.ends();
  recipe.outputs.forEach((k, i) => {
    const chosen = builder.pick(i === 0 ? 0 : k, (x) => k % 4 === 0 || ends.has(x));
    if (chosen !== undefined) outputs.add(chosen);
  });
  const updates = new Map<Tensor, Tensor>();
  for (const k of recipe.updates) {
    const update = updateOf(builder, k);
    if (update !== undefined && builder.accepts([update[1]])) updates.set(...update);
  }
  const used = new Set(nodesOf([...outputs, ...[...updates].flat()]));
  const names = [...used].flatMap((x) => (x.operation.op === "input" ? [x.operation.name] : []));
  const inputs = new Map(names.map((name) => [name, builder.inputs.get(name) as TypedArray]));
  const byBits = (bits: number) => builder.subset(names, bits);
  const again = (name: string) => [name, (builder.others.get(name) as () => TypedArray)()] as const;
  return {
    outputs: [...outputs],
    updates: [...updates],
    inputs,
    varying: recipe.varying < 32 ? byBits(recipe.varying) : undefined,
    rewritten: new Map(byBits(recipe.rewritten).map(again)),
    steps: updates.size === 0 ? 1 : recipe.steps,
    grain: recipe.grain,
    chain: recipe.chain,
  };
}

/** An input with an expression for its next value. */
function updateOf(builder: Builder, k: number): [Tensor, Tensor] | undefined {
  const states = builder.leaves.filter((x) => x.dtype !== "uint8");
  if (states.length === 0) return undefined;
  const w = states[k % states.length];
  const fits = (x: Tensor) => x.dtype === w.dtype;
  const change = builder.pick(k >> 2, fits);
  if (change === undefined) return undefined;
  const within = (x: Tensor, axes: readonly Axis[]) => {
    const extra = x.axes.filter((a) => !axes.includes(a));
    return extra.length === 0 ? x : cast(sum(x, ...extra), x.dtype);
  };
  if (k % 5 < 2 && w.axes.length > 0) {
    const a = w.axes[(k >> 3) % w.axes.length];
    const rest = w.axes.filter((other) => other !== a);
    const position = within(builder.pickInteger(k >> 4), rest);
    return [w, setAt(w, a, position, within(change, rest), { wrap: k % 2 === 0 })];
  }
  const reduced = within(change, w.axes);
  if (k % 3 === 0 && sameAxes(reduced.axes, w.axes)) return [w, reduced];
  if (w.dtype === "int32") return [w, w.add(reduced)];
  return [w, k % 3 === 1 ? w.sub(reduced.mul(0.01)) : w.mul(0.9).add(stopGradient(reduced))];
}
