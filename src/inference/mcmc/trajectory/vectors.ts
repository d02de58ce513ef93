/** What trajectories do along vectors, two numbers at a time; sums are added up in the order of their elements. */
import {
  type Assembly,
  add,
  and,
  both,
  type Callable,
  type Expression,
  type Float,
  float,
  give,
  gt,
  type Int,
  int,
  isZero,
  type Local,
  lane,
  load,
  loop,
  lt,
  mul,
  type NewLocal,
  type Pair,
  type Statement,
  set,
  store,
  when,
} from "../../../compiler/internal.ts";
import { type Numbers, zero } from "./layout.ts";

/** Rounds for each `step` of so many bytes: `body` is given the distance from where they begin. */
function rounds(
  local: NewLocal,
  bytes: Int,
  step: number,
  body: (at: Int) => readonly Statement[],
): Statement[] {
  const [at, end] = [local("i32"), local("i32")];
  return [
    set(at, zero),
    set(end, bytes),
    loop(lt(at, end), [...body(at), set(at, add(at, int(step)))]),
  ];
}

/** Rounds for each two numbers of vectors: `body` is given the distance of the two from where a vector begins. */
const alongVector = (numbers: Numbers, local: NewLocal, body: (at: Int) => readonly Statement[]) =>
  rounds(local, numbers.int("bytes"), 16, body);

/** The pair of a vector at a distance from where it begins. */
const pair = (vector: Int, at: Int): Pair => load("v128", add(vector, at));
const setPair = (vector: Int, at: Int, value: Pair): Statement => store(add(vector, at), value);

/** Adds the two of a pair to a sum, one after the other. */
const addUp = (sum: Local<"f64">, x: Local<"v128">): Statement[] => [
  set(sum, add(add(sum, lane(x, 0)), lane(x, 1))),
];

/** Whether all conditions hold. */
const all = (...conditions: readonly Int[]): Int => conditions.reduce((a, b) => and(a, b));

/** The call of a function without a result. */
export const does = ({ bytes }: Expression): Statement => bytes;

/** Copies the vector at an address to another one. */
export const defineCopy = (assembly: Assembly, numbers: Numbers) =>
  assembly.define({ parameters: ["i32", "i32"] }, (local, to, from) =>
    alongVector(numbers, local, (at) => [setPair(to, at, pair(from, at))]),
  );

/** Half the sum of squares of a momentum. */
export const defineEnergy = (assembly: Assembly, numbers: Numbers) =>
  assembly.define({ parameters: ["i32"], result: "f64" }, (local, momentum) => {
    const [sum, square] = [local("f64"), local("v128")];
    return [
      ...alongVector(numbers, local, (at) => [
        set(square, mul(pair(momentum, at), pair(momentum, at))),
        ...addUp(sum, square),
      ]),
      give(mul(float(0.5), sum)),
    ];
  });

/**
 * The log density at the position, whose gradient is written, by one step of a program in the same memory. Numbers are copied
 * one by one: what lies behind those of the program is not ours.
 */
export const defineEvaluate = (assembly: Assembly, numbers: Numbers, run: Callable<"i32">) =>
  assembly.define({ parameters: [], result: "f64" }, (local) => {
    const copyNumbers = (to: Local<"i32">, from: Local<"i32">) =>
      rounds(local, numbers.int("numbers"), 8, (at) => [
        store(add(to, at), load("f64", add(from, at))),
      ]);
    const [to, from, made] = [local("i32"), local("i32"), local("i32")];
    return [
      set(to, numbers.int("densityPosition")),
      set(from, numbers.int("position")),
      ...copyNumbers(to, from),
      set(made, run(int(1), zero, zero, zero)),
      set(to, numbers.int("gradient")),
      set(from, numbers.int("densityGradient")),
      ...copyNumbers(to, from),
      give(load("f64", numbers.int("densityValue"))),
    ];
  });

/** What a step asks the host for. */
export interface StepCalls {
  /** The log density at the position, whose gradient is written. */
  readonly evaluate: Callable<"f64">;
  /** velocity <- L momentum. */
  readonly times: Callable<never>;
  /** force <- L' gradient. */
  readonly transposed: Callable<never>;
}

/** One step of size e from momentum `p` to momentum `to`, which may be `p` (`Leapfrog.step`). */
export const defineStep = (
  assembly: Assembly,
  numbers: Numbers,
  { evaluate, times, transposed }: StepCalls,
) =>
  assembly.define({ parameters: ["i32", "i32", "f64"] }, (local, p, to, e) => {
    const [whole, half] = [local("v128"), local("v128")];
    const [sum, x, y] = [local("f64"), local("v128"), local("v128")];
    const vector = { position: local("i32"), gradient: local("i32"), scale: local("i32") };
    const force = numbers.int("force");
    const { position, gradient, scale } = vector;
    const finish = (kick: (at: Int) => Pair) =>
      alongVector(numbers, local, (at) => [
        set(x, add(pair(to, at), mul(half, kick(at)))),
        setPair(to, at, x),
        set(y, mul(x, x)),
        ...addUp(sum, y),
      ]);
    return [
      set(whole, both(e)),
      set(half, both(mul(float(0.5), e))),
      set(position, numbers.int("position")),
      set(gradient, numbers.int("gradient")),
      set(scale, numbers.int("scale")),
      when(
        isZero(numbers.int("isGeneral")),
        [
          ...alongVector(numbers, local, (at) => [
            set(y, pair(scale, at)),
            set(x, add(pair(p, at), mul(half, mul(y, pair(gradient, at))))),
            setPair(to, at, x),
            setPair(position, at, add(pair(position, at), mul(whole, mul(y, x)))),
          ]),
          numbers.setFloat("logDensity", evaluate()),
          ...finish((at) => mul(pair(scale, at), pair(gradient, at))),
        ],
        [
          ...alongVector(numbers, local, (at) => [
            set(x, add(pair(p, at), mul(half, pair(force, at)))),
            setPair(to, at, x),
            setPair(numbers.int("momentum"), at, x),
          ]),
          does(times()),
          ...alongVector(numbers, local, (at) => [
            setPair(
              position,
              at,
              add(pair(position, at), mul(whole, pair(numbers.int("velocity"), at))),
            ),
          ]),
          numbers.setFloat("logDensity", evaluate()),
          does(transposed()),
          ...finish((at) => pair(force, at)),
        ],
      ),
      numbers.setFloat("kinetic", mul(float(0.5), sum)),
    ];
  });

/** Two points, with their kinetic energies, become one tree: the sum of their momenta; whether both point along it. */
export const defineAddPoint = (assembly: Assembly, numbers: Numbers) =>
  assembly.define(
    { parameters: ["i32", "f64", "i32", "f64", "i32"], result: "i32" },
    (local, p, kinetic, next, nextKinetic, sum) => {
      const [product, a, b] = [local("f64"), local("v128"), local("v128")];
      const along = (energy: Float) => gt(add(mul(float(2), energy), product), float(0));
      return [
        ...alongVector(numbers, local, (at) => [
          set(a, pair(p, at)),
          set(b, pair(next, at)),
          setPair(sum, at, add(a, b)),
          set(a, mul(a, b)),
          ...addUp(product, a),
        ]),
        give(all(along(kinetic), along(nextKinetic))),
      ];
    },
  );

/** Two trees become one: the sum of their momenta, `rho` and `nextRho`, which `sum` may be; whether there is no U-turn. */
export const defineAddTree = (assembly: Assembly, numbers: Numbers) =>
  assembly.define(
    {
      parameters: ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
      result: "i32",
    },
    (local, first, last, rho, nextFirst, nextLast, nextRho, sum) => {
      const make = () => local("v128");
      const [here, there, joined, begin, end, left, right] = [
        make(),
        make(),
        make(),
        make(),
        make(),
        make(),
        make(),
      ];
      const product = make();
      const products: [Local<"f64">, Statement[]][] = (
        [
          [begin, joined, undefined],
          [end, joined, undefined],
          [begin, here, right],
          [right, here, right],
          [left, there, left],
          [end, there, left],
        ] as const
      ).map(([momentum, of, more]) => {
        const total = local("f64");
        const along = more === undefined ? of : add(of, more);
        return [total, [set(product, mul(momentum, along)), ...addUp(total, product)]];
      });
      return [
        ...alongVector(numbers, local, (at) => [
          set(here, pair(rho, at)),
          set(there, pair(nextRho, at)),
          set(begin, pair(first, at)),
          set(end, pair(nextLast, at)),
          set(left, pair(last, at)),
          set(right, pair(nextFirst, at)),
          set(joined, add(here, there)),
          ...products.flatMap(([, statements]) => statements),
          setPair(sum, at, joined),
        ]),
        give(all(...products.map(([total]) => gt(total, float(0))))),
      ];
    },
  );
