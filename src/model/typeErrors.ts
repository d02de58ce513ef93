/** Errors of JavaScript in a model, for people who come from other libraries. */

/** What an error says, with what to do where tensors were taken for arrays or numbers, or statements for values. */
export function describeTypeError({ message }: Error): string {
  const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1];
  return hint === undefined ? message : `${message}. ${hint}`;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /is not (a function|iterable)/,
    "A tensor is no array, and has the methods add, sub, mul, div, neg, lt, le, gt, ge and eq alone; a distribution has " +
      "draws by sample(name, distribution). All else are functions: exp(x), sum(x, axis), gather(x, axis, positions), ...",
  ],
  [
    /of undefined/,
    "What is undefined here? observe returns nothing, plate what its function returns, and a tensor has no elements x[0], " +
      "but gather(x, axis, position)",
  ],
];
