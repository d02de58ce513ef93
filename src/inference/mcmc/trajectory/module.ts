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
import {
  FIRST,
  getFloat,
  getInt,
  LAST,
  level,
  RHO,
  setFloat,
  setInt,
  swap,
  swapFloats,
  zero,
} from "./layout.ts";
import {
  defineAddPoint,
  defineAddTree,
  defineCopy,
  defineEnergy,
  defineStep,
  does,
} from "./vectors.ts";

/** Weights are exp(H0 - H); so far above the start their exponent is cut, lest their sum overflows. */
const MOST_GAIN = 600;

/**
 * The module. It imports `exp`; `evaluate`, which gives the log density at the position and writes its gradient; and for
 * metrics that are not diagonal `times`, velocity <- L momentum, and `transposed`, force <- L' gradient. It exports
 * `next(step size, most doublings)`.
 */
export function trajectoryModule(): Uint8Array {
  const assembly = new Assembly();
  const exp = assembly.import("exp", ["f64"], "f64");
  const evaluate = assembly.import("evaluate", [], "f64");
  const times = assembly.import("times", []);
  const transposed = assembly.import("transposed", []);
  const copy = defineCopy(assembly);
  const energyOf = defineEnergy(assembly);
  const step = defineStep(assembly, { evaluate, times, transposed });
  const addPoint = defineAddPoint(assembly);
  const addTree = defineAddTree(assembly);

  /** 32 random bits (`ChainRandom.word`). */
  const word = assembly.define({ parameters: [], result: "i32" }, (local) => {
    const [a, b, c, d] = [local("i32"), local("i32"), local("i32"), local("i32")];
    const result = local("i32");
    return [
      set(a, getInt("random0")),
      set(b, getInt("random1")),
      set(c, xor(getInt("random2"), a)),
      set(d, getInt("random3")),
      set(result, add(rotl(add(a, d), int(7)), a)),
      set(d, xor(d, b)),
      setInt("random0", xor(a, d)),
      setInt("random1", xor(b, c)),
      setInt("random2", xor(c, shl(b, int(9)))),
      setInt("random3", rotl(d, int(11))),
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
      setInt("leapfrogs", add(getInt("leapfrogs"), int(1))),
      set(energy, sub(getFloat("kinetic"), getFloat("logDensity"))),
      set(gain, sub(getFloat("startEnergy"), energy)),
      // A gain that is not a number is none.
      when(isZero(ge(gain, float(-MOST_ENERGY_ERROR))), [setInt("diverging", int(1)), give(zero)]),
      set(weight, exp(min(gain, float(MOST_GAIN)))),
      set(acceptance, min(float(1), weight)),
      setFloat("acceptance", add(getFloat("acceptance"), acceptance)),
      setFloat(
        "symmetricAcceptance",
        add(getFloat("symmetricAcceptance"), div(mul(float(2), acceptance), add(float(1), weight))),
      ),
      set(sum, add(getFloat("weight"), weight)),
      setFloat("weight", sum),
      when(n, [when(isZero(lt(mul(uniform(), sum), weight)), [give(int(1))])]),
      does(copy(getInt("candidatePosition"), getInt("position"))),
      does(copy(getInt("candidateGradient"), getInt("gradient"))),
      setFloat("candidateLogDensity", getFloat("logDensity")),
      setFloat("candidateEnergy", energy),
      setInt("candidateDistance", add(getInt("hereDistance"), add(n, int(1)))),
      give(int(1)),
    ];
  });

  /** The first momentum of the largest subtree that begins with point n of a doubling. */
  const firstFrom = (n: Int, depth: Int): Int =>
    load("i32", level(select(isZero(n), depth, trailingZeros(n))), FIRST);

  /**
   * Appends 2^depth points, whose last momentum is that of the level `depth`. 0 if one of them diverges or a subtree
   * makes a U-turn: then the trajectory ends before them.
   */
  const grow = assembly.define({ parameters: ["i32", "f64"], result: "i32" }, (local, depth, e) => {
    const [from, to, n, leaves] = [local("i32"), local("i32"), local("i32"), local("i32")];
    const [ends, k, at] = [local("i32"), local("i32"), local("i32")];
    const kinetic = local("f64");
    const sum = getInt("sum");
    return [
      set(from, getInt("hereMomentum")),
      set(leaves, shl(int(1), depth)),
      setFloat("weight", float(0)),
      loop(lt(n, leaves), [
        // So many subtrees end with point n: the binary digits of a counter say which halves are complete.
        set(ends, trailingZeros(add(n, int(1)))),
        when(
          isZero(ends),
          [set(to, firstFrom(n, depth))],
          [set(to, load("i32", level(ends), LAST))],
        ),
        set(kinetic, getFloat("kinetic")),
        does(step(from, to, e)),
        when(isZero(weigh(n)), [give(zero)]),
        when(gt(ends, zero), [
          when(isZero(addPoint(from, kinetic, to, getFloat("kinetic"), sum)), [give(zero)]),
          set(k, int(1)),
          loop(lt(k, ends), [
            set(at, level(k)),
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
          set(at, level(ends)),
          set(k, sum),
          setInt("sum", load("i32", at, RHO)),
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
      const rho = getInt("rho");
      const end = (where: number) => [
        set(next, load("i32", at, where)),
        setInt("hereMomentum", next),
        store(at, momentum, where),
      ];
      return [
        set(at, level(depth)),
        setInt("hereDistance", add(getInt("hereDistance"), shl(int(1), depth))),
        set(momentum, getInt("hereMomentum")),
        when(isZero(depth), [
          ...end(FIRST),
          give(addPoint(momentum, kinetic, next, getFloat("kinetic"), rho)),
        ]),
        ...end(LAST),
        give(
          addTree(
            getInt("thereMomentum"),
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
      does(copy(getInt("herePosition"), getInt("position"))),
      does(copy(getInt("hereGradient"), getInt("gradient"))),
      does(copy(getInt("position"), getInt("therePosition"))),
      does(copy(getInt("gradient"), getInt("thereGradient"))),
      set(logDensity, getFloat("logDensity")),
      setFloat("logDensity", getFloat("thereLogDensity")),
      setFloat("thereLogDensity", logDensity),
      when(getInt("isGeneral"), [does(transposed())]),
      ...swap(
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
    does(copy(getInt("therePosition"), getInt("position"))),
    does(copy(getInt("thereGradient"), getInt("gradient"))),
    does(copy(getInt("hereMomentum"), getInt("momentum"))),
    does(copy(getInt("thereMomentum"), getInt("momentum"))),
    when(getInt("isGeneral"), [does(transposed())]),
    setFloat("thereLogDensity", getFloat("logDensity")),
    setFloat("kinetic", energyOf(getInt("momentum"))),
    setFloat("startEnergy", sub(getFloat("kinetic"), getFloat("logDensity"))),
    setFloat("drawnEnergy", getFloat("startEnergy")),
    ...(["acceptance", "symmetricAcceptance"] as const).map((x) => setFloat(x, float(0))),
    ...(
      ["leapfrogs", "diverging", "depth", "drawnDistance", "hereDistance", "thereDistance"] as const
    ).map((x) => setInt(x, zero)),
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
        set(kinetic, getFloat("kinetic")),
        when(isZero(grow(depth, step)), [give()]),
        set(added, getFloat("weight")),
        when(lt(mul(uniform(), weight), added), [
          ...swap(
            local,
            ["drawnPosition", "candidatePosition"],
            ["drawnGradient", "candidateGradient"],
            ["drawnDistance", "candidateDistance"],
          ),
          ...swapFloats(local, "drawnEnergy", "candidateEnergy"),
          ...swapFloats(local, "drawnLogDensity", "candidateLogDensity"),
        ]),
        set(weight, add(weight, added)),
        setInt("depth", add(depth, int(1))),
        when(isZero(join(depth, kinetic)), [give()]),
        set(depth, add(depth, int(1))),
      ]),
    ];
  });

  /** A trajectory, at whose drawn point the position ends. */
  assembly.define({ parameters: ["f64", "i32"], exportAs: "next" }, (_, stepSize, most) => [
    does(trajectory(stepSize, most)),
    does(copy(getInt("position"), getInt("drawnPosition"))),
    does(copy(getInt("gradient"), getInt("drawnGradient"))),
    setFloat("logDensity", getFloat("drawnLogDensity")),
  ]);
  return assembly.encode();
}
