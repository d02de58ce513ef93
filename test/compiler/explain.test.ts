/** Ten small programs after each stage of the compiler, as text. What changes here is looked at, not waved through. */
import { describe, expect, test } from "vitest";
import { plan } from "../../src/compiler/compile.ts";
import { compileToWasm, explain } from "../../src/compiler/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  exp,
  gatherClamped,
  grad,
  input,
  log,
  logSumExp,
  scan,
  setAt,
  sigmoid,
  softplus,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "../../src/tensor/internal.ts";

interface Small {
  readonly outputs?: Readonly<Record<string, Tensor>>;
  readonly updates?: readonly (readonly [Tensor, Tensor])[];
  readonly grain?: number;
}

const normal = (x: Tensor, mean: Tensor | number, sd: Tensor | number) => {
  const z = x.sub(mean).div(sd);
  const scale = typeof sd === "number" ? constant(Math.log(sd)) : log(sd);
  return square(z).mul(-0.5).sub(scale);
};

/** A step of gradient descent on the squared error of a linear regression. */
function regressionStep(): Small {
  const [row, feature] = [axis("row", 50), axis("feature", 3)];
  const [w, x, y] = [input("w", [feature]), input("x", [row, feature]), input("y", [row])];
  const loss = sum(square(sum(x.mul(w), feature).sub(y))).mul(1 / row.size);
  return { outputs: { loss }, updates: [[w, w.sub(grad(loss, [w])[0].mul(0.1))]] };
}

function eightSchoolsBound(): Small {
  const school = axis("school", 8);
  const effects = tensor([28, 8, -3, 7, -1, 1, 18, 12], [school]);
  const errors = tensor([15, 10, 16, 11, 9, 11, 10, 18], [school]);
  const [mu, logTau, mean, logSd] = [
    ...[input("mu"), input("logTau")],
    ...[input("mean", [school]), input("logSd", [school])],
  ];
  const noise = input("noise", [school]);
  const z = mean.add(exp(logSd).mul(noise));
  const theta = mu.add(exp(logTau).mul(z));
  const bound = sum(
    normal(z, 0, 1)
      .add(normal(effects, theta, errors))
      .add(logSd),
  )
    .add(normal(mu, 0, 5))
    .add(normal(logTau, 0, 1));
  const [byMean, byLogSd] = grad(bound, [mean, logSd]);
  return { outputs: { bound, byMean, byLogSd } };
}

/** A tanh layer, and a step for its weights. */
function layerStep(): Small {
  const [image, pixel, unit] = [axis("image", 16), axis("pixel", 24), axis("unit", 12)];
  const [x, w, b] = [input("x", [image, pixel]), input("w", [pixel, unit]), input("b", [unit])];
  const h = tanh(sum(x.mul(w), pixel).add(b));
  const loss = sum(square(h));
  const [dw, db] = grad(loss, [w, b]);
  return {
    updates: [
      [w, w.sub(dw.mul(0.01))],
      [b, b.sub(db.mul(0.01))],
    ],
  };
}

/** log of the mean over particles inside the image plate. */
function importanceWeighted(): Small {
  const [image, k, pixel] = [axis("image", 6), axis("k", 5), axis("pixel", 7)];
  const [logits, x] = [input("logits", [image, k, pixel]), input("x", [image, pixel])];
  const logWeight = sum(x.mul(logits).sub(softplus(logits)), pixel);
  const bound = sum(logSumExp(logWeight, k).sub(Math.log(k.size)));
  return { outputs: { bound, slope: grad(bound, [logits])[0] } };
}

/** Particles of two latents, all pairs weighted, the joint never stored. */
function massivelyParallel(): Small {
  const [user, k, l] = [axis("user", 9), axis("k", 4), axis("l", 6)];
  const [a, b] = [input("a", [user, k]), input("b", [l])];
  const pairs = a.add(b).add(sigmoid(a).mul(b));
  return { outputs: { evidence: logSumExp(sum(logSumExp(pairs, k), user).add(b), l) } };
}

function chain(): Small {
  const time = axis("time", 10);
  const [y, rho] = [input("y", [time]), input("rho")];
  const { last } = scan(time, { x: constant(0), total: constant(0) }, ({ x, total }, turn) => {
    const next = x.mul(rho).add(turn.at(y).mul(0.5));
    return { carries: { x: next, total: total.add(square(turn.at(y).sub(next))) } };
  });
  return { outputs: { total: last.total, byRho: grad(last.total, [rho])[0] } };
}

/** The derivative of a table that rows are read from. */
function scatterAdd(): Small {
  const [row, entry, part] = [axis("row", 20), axis("entry", 5), axis("part", 3)];
  const [table, at] = [input("table", [entry, part]), input("at", [row], "int32")];
  const loss = sum(square(gatherClamped(table, entry, at)));
  return { outputs: { slope: grad(loss, [table])[0] } };
}

/** A sum that is cut for threads, with one partial result for each piece. */
function threadedSum(): Small {
  const long = axis("long", 4096);
  const x = input("x", [long]);
  return { outputs: { total: sum(exp(x)) }, grain: 16384 };
}

/** A draw and a metric recorded at the step's number. */
function recorded(): Small {
  const [draw, part] = [axis("draw", 1000), axis("part", 6)];
  const [x, step] = [input("x", [part]), input("step", [], "int32")];
  const [trace, energy] = [input("trace", [draw, part]), input("energy", [draw])];
  const next = x.mul(0.9).add(cast(step, "float32").mul(0.01));
  return {
    updates: [
      [trace, setAt(trace, draw, step, next)],
      [energy, setAt(energy, draw, step, sum(square(next)), { wrap: true })],
      [x, next],
      [step, step.add(1)],
    ],
  };
}

/** The largest, and where it is: ties, truth values and integers. */
function argmax(): Small {
  const [row, column] = [axis("row", 5), axis("column", 9)];
  const x = input("x", [row, column]);
  const found = largest(x, column);
  return { outputs: { hits: sum(cast(x.eq(found), "int32"), column), found } };
}

function largest(x: Tensor, along: Axis): Tensor {
  return logSumExp(x.mul(100), along).mul(0.01);
}

const PROGRAMS: Readonly<Record<string, () => Small>> = {
  "a step of regression": regressionStep,
  "the bound of eight schools": eightSchoolsBound,
  "a step of a layer": layerStep,
  "an importance-weighted bound": importanceWeighted,
  "a contraction over particles": massivelyParallel,
  "a chain and its derivative": chain,
  "the derivative of a table": scatterAdd,
  "a sum cut for threads": threadedSum,
  "draws recorded inside": recorded,
  "comparisons and integers": argmax,
};

describe.each(Object.entries(PROGRAMS))("%s", (_, make) => {
  const { outputs = {}, updates = [], grain } = make();
  const roots = {
    outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
    updates: updates.map(([to, value]) => ({ input: to, value })),
  };
  const planned = plan(roots, grain === undefined ? {} : { grain });
  const { compiled } = compileToWasm(planned, 1);
  test.each(["graph", "kernels", "loops"] as const)("%s", (stage) => {
    expect(`\n${explain(stage, planned.roots, compiled)}\n`).toMatchSnapshot();
  });
});

test.each(["wasm", "c", "oracle"] as const)("programs explain themselves (%s)", (backend) => {
  const x = input("x", [axis("row", 5)]);
  const program = compile({ outputs: { y: sum(square(x)) } }, { backend });
  expect(program.explain("graph")).toBe(
    "%0 = input() name x -> {row: 5} float32\n%1 = mul(%0, %0) -> {row: 5} float32\n" +
      "%2 = sum(%1) over {row: 5} -> {} float32\noutput y = %2",
  );
  expect(program.explain()).toBe(program.explain("kernels"));
  if (backend !== "oracle")
    expect(program.explain("loops")).toMatch(/^k0: mul sum over row -> y\n/);
});
