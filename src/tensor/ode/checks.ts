/** What is refused of a differential equation. */
import { type Axis, describeAxes, withoutAxes } from "../axis.ts";
import { SurmiseError } from "../errors.ts";
import { checkTensor, nodesOf, type Operand, Tensor } from "../tensor.ts";

/** Whether `x` is made of plain numbers alone. */
export function isKnown(x: Tensor): boolean {
  return nodesOf([x]).every(
    ({ op, inputs }) => inputs.length > 0 || ["constant", "literal", "index"].includes(op),
  );
}

/** @throws SurmiseError if known times lack the axis or do not increase, or the start is not known. */
export function checkTimes(times: Tensor, along: Axis, from: Operand): void {
  checkTensor("solveOde: the times", times);
  if (!times.has(along)) {
    throw new SurmiseError(
      `solveOde: the times have axes ${describeAxes(times.axes)} and lack '${along.name}'`,
    );
  }
  if (from instanceof Tensor && (from.has(along) || !isKnown(from))) {
    throw new SurmiseError(
      `solveOde: 'from' must be known and not vary over '${along.name}'; shift the times instead`,
    );
  }
  const { operation, exact } = times;
  if (operation.op !== "literal") return;
  const values = (exact as Float64Array | undefined) ?? operation.data;
  const place = operation.order.indexOf(along);
  const stride = operation.order.slice(place + 1).reduce((n, a) => n * a.size, 1);
  values.forEach((value, i) => {
    const isFirst = Math.floor(i / stride) % along.size === 0;
    const before = isFirst ? (typeof from === "number" ? from : undefined) : values[i - stride];
    if (before === undefined || value >= before) return;
    const number = (Math.floor(i / stride) % along.size) + 1;
    throw new SurmiseError(
      `solveOde: time ${number} along '${along.name}' is ${value}, after ${before}: times must increase`,
    );
  });
}

/** @throws SurmiseError unless there is a rate for each component. */
export function checkRates(names: readonly string[], found: unknown): void {
  const rates = Object.keys(found as object).sort();
  if (rates.join() !== [...names].sort().join()) {
    throw new SurmiseError(
      `solveOde: the rates are those of ${rates.join(", ")}; the state has ${names.join(", ")}`,
    );
  }
}

/** What takes values of other elements than its own. */
const MIXING: readonly string[] = [
  ...["sum", "max", "gather", "scatterAdd", "scan", "cholesky"],
  ...["choleskyAdjoint", "triangularSolve"],
];

/** The leaves, and the nodes of a rate that are made of them. */
function madeOf(leaves: readonly Tensor[], rate: Tensor): ReadonlySet<Tensor> {
  const inside = new Set(leaves);
  for (const node of nodesOf([rate])) {
    if (node.inputs.some((x) => inside.has(x))) inside.add(node);
  }
  return inside;
}

/**
 * @throws SurmiseError if rates are made of tensors that are neither leaves nor known, whose derivatives would be lost, or
 * that vary over other axes than those of the leaves.
 */
export function refuseOthers(
  names: readonly string[],
  rates: readonly Tensor[],
  leaves: readonly Tensor[],
  axes: readonly Axis[],
): void {
  rates.forEach((rate, k) => {
    const inside = madeOf(leaves, rate);
    const refuse = (x: Tensor) => {
      if (inside.has(x) || (isKnown(x) && withoutAxes(x.axes, axes).length === 0)) return;
      throw new SurmiseError(
        `solveOde: the rate of '${names[k]}' is made of ${x}, which is neither the state nor the time: ` +
          "give it as a parameter",
      );
    };
    for (const node of inside) node.inputs.forEach(refuse);
    refuse(rate);
  });
}

/** @throws SurmiseError if an element of the rates depends on other elements of the leaves. */
export function refuseMixing(
  names: readonly string[],
  rates: readonly Tensor[],
  leaves: readonly Tensor[],
) {
  rates.forEach((rate, k) => {
    for (const node of madeOf(leaves, rate)) {
      if (!MIXING.includes(node.op)) continue;
      throw new SurmiseError(
        `solveOde: the rate of '${names[k]}' has a ${node.op} over elements of the state or of parameters: give each ` +
          "component a name of its own, and take elements of parameters before",
      );
    }
  });
}
