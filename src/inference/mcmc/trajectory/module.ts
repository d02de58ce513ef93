/**
 * The trajectories of NUTS as one WebAssembly module: all that happens between two evaluations of the density would
 * otherwise cost more than the gradient of a small model. `Nuts` says what it computes.
 */
import {
  Assembly,
  add,
  and,
  div,
  float,
  ge,
  give,
  gt,
  type Int,
  int,
  isZero,
  load,
  loop,
  lt,
  min,
  mul,
  neg,
  rotl,
  select,
  set,
  shl,
  shrU,
  store,
  sub,
  toFloat,
  trailingZeros,
  when,
  xor,
} from "../../../compiler/internal.ts";
import { MOST_ENERGY_ERROR } from "../transitions/transition.ts";
import { FIRST, LAST, Numbers, RHO, zero } from "./layout.ts";
import {
  defineAddPoint,
  defineAddTree,
  defineCopy,
  defineEnergy,
  defineEvaluate,
  defineStep,
  does,
} from "./vectors.ts";

/** Weights are exp(H0 - H); so far above the start their exponent is cut, lest their sum overflows. */
const MOST_GAIN = 600;

/**
 * The module. It imports `exp`; `evaluate`, which gives the log density at the position and writes its gradient; and for
 * metrics that are not diagonal `times`, velocity <- L momentum, and `transposed`, force <- L' gradient. It exports
 * `next(step size, most doublings)`.
 *
 * Where `base` is given it shares the memory of a density, from there on, and imports in the place of `evaluate` the
 * `run` of its program: to call that through the host takes about as long as the gradient of a small model.
 */
export function trajectoryModule(base?: number): Uint8Array {
  const assembly = new Assembly();
  const numbers = new Numbers(base ?? 0);
  const exp = assembly.import("exp", ["f64"], "f64");
  const density =
    base === undefined
      ? { evaluate: assembly.import("evaluate", [], "f64") }
      : { run: assembly.import("run", ["i32", "i32", "i32", "i32"], "i32") };
  const times = assembly.import("times", []);
  const transposed = assembly.import("transposed", []);
  const evaluate =
    density.run === undefined ? density.evaluate : defineEvaluate(assembly, numbers, density.run);
  const copy = defineCopy(assembly, numbers);
  const energyOf = defineEnergy(assembly, numbers);
  const step = defineStep(assembly, numbers, { evaluate, times, transposed });
  const addPoint = defineAddPoint(assembly, numbers);
  const addTree = defineAddTree(assembly, numbers);

  /** 32 random bits (`ChainRandom.word`). */
  const word = assembly.define({ parameters: [], result: "i32" }, (local) => {
    const [a, b, c, d] = [local("i32"), local("i32"), local("i32"), local("i32")];
    const result = local("i32");
    return [
      set(a, numbers.int("random0")),
      set(b, numbers.int("random1")),
      set(c, xor(numbers.int("random2"), a)),
      set(d, numbers.int("random3")),
      set(result, add(rotl(add(a, d), int(7)), a)),
      set(d, xor(d, b)),
      numbers.setInt("random0", xor(a, d)),
      numbers.setInt("random1", xor(b, c)),
      numbers.setInt("random2", xor(c, shl(b, int(9)))),
      numbers.setInt("random3", rotl(d, int(11))),
      give(result),
    ];
  });
  const uniform = () => mul(add(toFloat(word()), float(0.5)), float(2 ** -32));

  /** Weighs point n of a doubling, which was reached, and may draw it. 0 if it diverges. */
  const weigh = assembly.define({ parameters: ["i32"], result: "i32" }, (local, n) => {
    const [energy, gain, weight, acceptance] = [
      local("f64"),
      local("f64"),
      local("f64"),
      local("f64"),
    ];
    const sum = local("f64");
    return [
      numbers.setInt("leapfrogs", add(numbers.int("leapfrogs"), int(1))),
      set(energy, sub(numbers.float("kinetic"), numbers.float("logDensity"))),
      set(gain, sub(numbers.float("startEnergy"), energy)),
      // A gain that is not a number is none.
      when(isZero(ge(gain, float(-MOST_ENERGY_ERROR))), [
        numbers.setInt("diverging", int(1)),
        give(zero),
      ]),
      set(weight, exp(min(gain, float(MOST_GAIN)))),
      set(acceptance, min(float(1), weight)),
      numbers.setFloat("acceptance", add(numbers.float("acceptance"), acceptance)),
      numbers.setFloat(
        "symmetricAcceptance",
        add(
          numbers.float("symmetricAcceptance"),
          div(mul(float(2), acceptance), add(float(1), weight)),
        ),
      ),
      set(sum, add(numbers.float("weight"), weight)),
      numbers.setFloat("weight", sum),
      when(n, [when(isZero(lt(mul(uniform(), sum), weight)), [give(int(1))])]),
      does(copy(numbers.int("candidatePosition"), numbers.int("position"))),
      does(copy(numbers.int("candidateGradient"), numbers.int("gradient"))),
      numbers.setFloat("candidateLogDensity", numbers.float("logDensity")),
      numbers.setFloat("candidateEnergy", energy),
      numbers.setInt("candidateDistance", add(numbers.int("hereDistance"), add(n, int(1)))),
      give(int(1)),
    ];
  });

  /** The first momentum of the largest subtree that begins with point n of a doubling. */
  const firstFrom = (n: Int, depth: Int): Int =>
    load("i32", numbers.level(select(isZero(n), depth, trailingZeros(n))), FIRST);

  /**
   * Appends 2^depth points, whose last momentum is that of the level `depth`. 0 if one of them diverges or a subtree
   * makes a U-turn: then the trajectory ends before them.
   */
  const grow = assembly.define({ parameters: ["i32", "f64"], result: "i32" }, (local, depth, e) => {
    const [from, to, n, leaves] = [local("i32"), local("i32"), local("i32"), local("i32")];
    const [ends, k, at] = [local("i32"), local("i32"), local("i32")];
    const kinetic = local("f64");
    const sum = numbers.int("sum");
    return [
      set(from, numbers.int("hereMomentum")),
      set(leaves, shl(int(1), depth)),
      numbers.setFloat("weight", float(0)),
      loop(lt(n, leaves), [
        // So many subtrees end with point n: the binary digits of a counter say which halves are complete.
        set(ends, trailingZeros(add(n, int(1)))),
        when(
          isZero(ends),
          [set(to, firstFrom(n, depth))],
          [set(to, load("i32", numbers.level(ends), LAST))],
        ),
        set(kinetic, numbers.float("kinetic")),
        does(step(from, to, e)),
        when(isZero(weigh(n)), [give(zero)]),
        when(gt(ends, zero), [
          when(isZero(addPoint(from, kinetic, to, numbers.float("kinetic"), sum)), [give(zero)]),
          set(k, int(1)),
          loop(lt(k, ends), [
            set(at, numbers.level(k)),
            when(
              isZero(
                addTree(
                  firstFrom(sub(add(n, int(1)), shl(int(2), k)), depth),
                  load("i32", at, LAST),
                  load("i32", at, RHO),
                  load("i32", at, FIRST),
                  to,
                  sum,
                  sum,
                ),
              ),
              [give(zero)],
            ),
            set(k, add(k, int(1))),
          ]),
          set(at, numbers.level(ends)),
          set(k, sum),
          numbers.setInt("sum", load("i32", at, RHO)),
          store(at, k, RHO),
        ]),
        set(from, to),
        set(n, add(n, int(1))),
      ]),
      give(int(1)),
    ];
  });

  /**
   * Appends the points of a doubling to the trajectory, which had the kinetic energy `kinetic` at this end. 0 if there is
   * a U-turn in the whole, or across the join.
   */
  const join = assembly.define(
    { parameters: ["i32", "f64"], result: "i32" },
    (local, depth, kinetic) => {
      const [at, momentum, next] = [local("i32"), local("i32"), local("i32")];
      const rho = numbers.int("rho");
      const end = (where: number) => [
        set(next, load("i32", at, where)),
        numbers.setInt("hereMomentum", next),
        store(at, momentum, where),
      ];
      return [
        set(at, numbers.level(depth)),
        numbers.setInt("hereDistance", add(numbers.int("hereDistance"), shl(int(1), depth))),
        set(momentum, numbers.int("hereMomentum")),
        when(isZero(depth), [
          ...end(FIRST),
          give(addPoint(momentum, kinetic, next, numbers.float("kinetic"), rho)),
        ]),
        ...end(LAST),
        give(
          addTree(
            numbers.int("thereMomentum"),
            momentum,
            rho,
            load("i32", at, FIRST),
            next,
            load("i32", at, RHO),
            rho,
          ),
        ),
      ];
    },
  );

  /** Goes on at the other end. */
  const turn = assembly.define({ parameters: [] }, (local) => {
    const logDensity = local("f64");
    return [
      does(copy(numbers.int("herePosition"), numbers.int("position"))),
      does(copy(numbers.int("hereGradient"), numbers.int("gradient"))),
      does(copy(numbers.int("position"), numbers.int("therePosition"))),
      does(copy(numbers.int("gradient"), numbers.int("thereGradient"))),
      set(logDensity, numbers.float("logDensity")),
      numbers.setFloat("logDensity", numbers.float("thereLogDensity")),
      numbers.setFloat("thereLogDensity", logDensity),
      when(numbers.int("isGeneral"), [does(transposed())]),
      ...numbers.swap(
        local,
        ["herePosition", "therePosition"],
        ["hereGradient", "thereGradient"],
        ["hereMomentum", "thereMomentum"],
        ["hereDistance", "thereDistance"],
      ),
    ];
  });

  /** The start, at the position and with the momentum that the host has written. */
  const begin = assembly.define({ parameters: [] }, () => [
    does(copy(numbers.int("therePosition"), numbers.int("position"))),
    does(copy(numbers.int("thereGradient"), numbers.int("gradient"))),
    does(copy(numbers.int("hereMomentum"), numbers.int("momentum"))),
    does(copy(numbers.int("thereMomentum"), numbers.int("momentum"))),
    when(numbers.int("isGeneral"), [does(transposed())]),
    numbers.setFloat("thereLogDensity", numbers.float("logDensity")),
    numbers.setFloat("kinetic", energyOf(numbers.int("momentum"))),
    numbers.setFloat("startEnergy", sub(numbers.float("kinetic"), numbers.float("logDensity"))),
    numbers.setFloat("drawnEnergy", numbers.float("startEnergy")),
    ...(["acceptance", "symmetricAcceptance"] as const).map((x) => numbers.setFloat(x, float(0))),
    ...(
      ["leapfrogs", "diverging", "depth", "drawnDistance", "hereDistance", "thereDistance"] as const
    ).map((x) => numbers.setInt(x, zero)),
  ]);

  const trajectory = assembly.define({ parameters: ["f64", "i32"] }, (local, stepSize, most) => {
    const [step, weight, added, kinetic] = [local("f64"), local("f64"), local("f64"), local("f64")];
    const [depth, directions] = [local("i32"), local("i32")];
    return [
      does(begin()),
      set(step, stepSize),
      set(weight, float(1)),
      set(directions, word()),
      loop(lt(depth, most), [
        when(and(shrU(directions, depth), int(1)), [
          set(step, neg(step)),
          when(gt(depth, zero), [does(turn())]),
        ]),
        set(kinetic, numbers.float("kinetic")),
        when(isZero(grow(depth, step)), [give()]),
        set(added, numbers.float("weight")),
        when(lt(mul(uniform(), weight), added), [
          ...numbers.swap(
            local,
            ["drawnPosition", "candidatePosition"],
            ["drawnGradient", "candidateGradient"],
            ["drawnDistance", "candidateDistance"],
          ),
          ...numbers.swapFloats(local, "drawnEnergy", "candidateEnergy"),
          ...numbers.swapFloats(local, "drawnLogDensity", "candidateLogDensity"),
        ]),
        set(weight, add(weight, added)),
        numbers.setInt("depth", add(depth, int(1))),
        when(isZero(join(depth, kinetic)), [give()]),
        set(depth, add(depth, int(1))),
      ]),
    ];
  });

  /** A trajectory, at whose drawn point the position ends. */
  assembly.define({ parameters: ["f64", "i32"], exportAs: "next" }, (_, stepSize, most) => [
    does(trajectory(stepSize, most)),
    does(copy(numbers.int("position"), numbers.int("drawnPosition"))),
    does(copy(numbers.int("gradient"), numbers.int("drawnGradient"))),
    numbers.setFloat("logDensity", numbers.float("drawnLogDensity")),
  ]);
  return assembly.encode();
}
