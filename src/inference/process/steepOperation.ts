/** Which operation has a derivative that is not finite, where a bound is finite and its gradient is not. */
import { compile, type Program } from "../../runtime/index.ts";
import {
  abs,
  constant,
  isFloat,
  nodesOf,
  type Op,
  type Precision,
  select,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";

/** So many nodes of a gradient are looked at in one program. */
const MOST_NODES = 4000;

/**
 * The first operation on the way back whose result is infinite or not a number though all that it is made of is
 * finite, in words: `the derivative of a square root at 0, at site 'y'`; undefined if none is found.
 */
export function steepOperation(
  gradients: readonly Tensor[],
  sites: Readonly<Record<string, Tensor>>,
  dtype: Precision,
  write: (program: Program) => void,
): string | undefined {
  const nodes = nodesOf(gradients).filter(({ dtype }) => isFloat(dtype));
  if (nodes.length > MOST_NODES) return undefined;
  const outputs = Object.fromEntries(
    nodes.map((x, i) => {
      const fine = abs(x).lt(Number.POSITIVE_INFINITY);
      return [`#node ${i}`, sum(select(fine, constant(0), constant(1)))];
    }),
  );
  const program = compile({ outputs }, { steps: 1, dtype });
  write(program);
  const found = program.run();
  const bad = new Set(nodes.filter((_, i) => found[`#node ${i}`].data[0] > 0));
  const first = nodes.find((x) => bad.has(x) && !x.inputs.some((y) => bad.has(y)));
  return first && describe(first, sites);
}

function describe(node: Tensor, sites: Readonly<Record<string, Tensor>>): string | undefined {
  const [, by] = node.inputs;
  if (by === undefined) return WORDS[node.op];
  const all = Object.entries(sites).map(([name, x]) => [name, nodesOf([x])] as const);
  const home = all.find(([, inside]) => inside.includes(by));
  const isLog = home?.[1].some(({ op, inputs }) => op === "log" && inputs[0] === by);
  const what =
    node.op !== "div" ? WORDS[node.op] : isLog ? LOGARITHM : by.op === "sqrt" ? ROOT : WORDS.div;
  return what && `${what}${home === undefined ? "" : `, at site '${home[0]}'`}`;
}

const ROOT = "the derivative of a square root at 0";
const LOGARITHM = "the derivative of a logarithm at 0";

const WORDS: { readonly [O in Op]?: string } = {
  div: "a quotient by 0, or by a number that is too small",
  mul: "a product that is too large",
  exp: "an exponential that is too large",
  log: "a logarithm of 0",
  digamma: "the derivative of lgamma at a pole",
  trigamma: "the derivative of digamma at a pole",
};
