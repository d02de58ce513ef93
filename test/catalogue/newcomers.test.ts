/** What people write at first, coming from other libraries: refused or doubted in words that say what to do. */
import { describe, expect, test } from "vitest";
import { columnsOf, parseTable } from "../../src/data/index.ts";
import { logDensity, priorCheck } from "../../src/inference/index.ts";
import { traceAtPriors, traceUnknown } from "../../src/inference/internal.ts";
import { model } from "../../src/model/index.ts";
import { modelDoubts } from "../../src/model/internal.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { DOUBTED, FINE, type Newcomer, PEOPLE } from "./newcomers.ts";
import { DATA } from "./newcomersData.ts";
import { STATEMENTS } from "./newcomersStatements.ts";

const REFUSED = [...STATEMENTS, ...DATA];

const columns = columnsOf(await parseTable(PEOPLE, "people.csv"));
const named = <N extends Pick<Newcomer, "what">>(list: readonly N[]) =>
  list.map((each, i) => [`${i + 1}: ${each.what}`, each] as const);

test("there are a hundred and more", () => {
  expect(REFUSED.length + DOUBTED.length).toBeGreaterThan(100);
});

describe("refused", () => {
  test.each(named(REFUSED))("%s", (_, { body, says }) => {
    const refusals = [logDensity, traceAtPriors].map((run) => {
      try {
        run(model(body), columns);
        return "taken";
      } catch (error) {
        expect(error).toBeInstanceOf(SurmiseError);
        return (error as Error).message;
      }
    });
    for (const refusal of refusals) {
      expect(refusal).toMatch(says);
      expect(refusal).not.toMatch(/\[object|NaN must|of undefined$/);
    }
  });
});

describe("doubted", () => {
  const doubts = (body: Newcomer["body"]) => modelDoubts(traceUnknown(model(body), columns));
  test.each(named(DOUBTED))("%s", (_, { body, says }) => {
    expect(doubts(body)).toEqual([expect.stringMatching(says)]);
  });
  test.each(named(FINE))("not %s", (_, { body }) => {
    expect(doubts(body)).toEqual([]);
  });
  test("with what the priors say of the data", () => {
    const [{ body, says }] = DOUBTED;
    expect(priorCheck(model(body), columns, { draws: 20 }).warnings).toContainEqual(
      expect.stringMatching(says),
    );
  });
});
