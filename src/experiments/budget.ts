/** How much of an experiment is run. */

/** A look at everything; an hour or two; the settings of the paper. */
export const BUDGET_NAMES = ["smoke", "short", "full"] as const;

/** One of `BUDGET_NAMES`. */
export type BudgetName = (typeof BUDGET_NAMES)[number];

/** What a paper runs at each budget, with what it is and how long it takes, for people. */
export type Budgets<Budget> = Readonly<Record<BudgetName, Budget & { readonly about: string }>>;
