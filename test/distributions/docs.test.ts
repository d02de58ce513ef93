/** docs/distributions.md is made from the registry; `npx vitest run -u` writes it anew. */
import { expect, test } from "vitest";
import type { Distribution } from "../../src/distributions/index.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import { describeConstraint } from "../../src/distributions/support/supportRules.ts";
import { constant } from "../../src/tensor/index.ts";
import { closedPairs } from "./build.ts";

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** Whether `f` is there: what a family lacks is an error. */
function has(f: () => unknown): boolean {
  try {
    return f() !== undefined;
  } catch {
    return false;
  }
}

function offers(member: Distribution): string {
  const at = constant(1, member.dtype);
  const list = [
    ["mean, variance", () => member.mean()],
    ["distribution function", () => member.cdf(at)],
    ["entropy", () => member.entropy()],
  ] as const;
  return list
    .filter(([, f]) => has(f))
    .map(([word]) => word)
    .join(", ");
}

function page(): string {
  const members = Object.entries(REGISTRY).map(
    ([name, entry]) => [name, entry, entry.example("float32")] as const,
  );
  const families = members.map(([, { call, about, support, of }, member]) => [
    `\`${call}\``,
    of === undefined ? about : `${about}; here of ${of}`,
    support ?? describeConstraint(member.support),
    member.reparameterised ? "yes" : "no",
    offers(member),
  ]);
  const constraints = members.map(([name, { of }, member]) => [
    of === undefined ? `\`${name}\`` : `\`${name}\` of ${of}`,
    Object.entries(member.constraints)
      .map(([parameter, support]) => `\`${parameter}\` ${describeConstraint(support)}`)
      .join("; "),
  ]);
  const closed = closedPairs().map((pair) => `- ${pair.replace(", ", " from ")}`);
  return `# Distributions

A distribution is made by a function of its parameters, which are numbers or tensors: one distribution
for each element. \`.event(axis)\` makes the elements along an axis parts of one draw. A multivariate
normal of diagonal covariance is \`normal(mean, sd).event(axis)\`. Formulas, with their sources, stand
in the docstring of each function.

Draws of reparameterised families are differentiable functions of the parameters, exactly, or, where
they are made by rejection, by the implicit derivative.

${table(["call", "for", "draws", "reparameterised", "also has"], families)}

## Where parameters lie

A number outside is an error. \`bijectionTo(distribution.constraints.sd)\` maps real numbers to where
a parameter lies, and \`bijectionTo(distribution.support)\` to where draws do.

${table(["family", "parameters"], constraints)}

## Closed-form divergences

\`kl(q, p)\` is known for q from p:

${closed.join("\n")}
`;
}

test("the page of distributions is up to date", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/distributions.md");
});
