/**
 * A service that says how far a measured rate can be trusted: `npx tsx service.ts`, then
 *
 *     curl localhost:3000 -d '{"group": ["a", "a", "b"], "n": [20, 25, 300], "hits": [3, 1, 40]}'
 *
 * A request that is taken back ends its chains; others are answered meanwhile.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import {
  binomial,
  type Columns,
  columnsOf,
  gather,
  halfNormal,
  model,
  nameOf,
  normal,
  parseTable,
  SurmiseError,
  sample,
  sigmoid,
  summarise,
} from "surmise";

const rates = model(({ sample, observe, plate, deterministic }, columns: Columns) => {
  const { row, axisOf, column, indexOf } = columns;
  const group = axisOf("group");
  const mean = sample("mean", normal(0, 2));
  const spread = sample("spread", halfNormal(1));
  const logit = plate(group, () => {
    const logit = mean.add(spread.mul(sample("z", normal(0, 1))));
    deterministic("rate", sigmoid(logit));
    return logit;
  });
  plate(row, () => {
    const logits = gather(logit, group, indexOf("group"));
    observe("hits", binomial(column("n"), { logits }), column("hits"));
  });
});

/** Answers with the quantiles 5%, 50% and 95% of each number of the model, or with what is wrong with the table. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  response.on("close", () => stop.abort());
  try {
    const table = columnsOf(await parseTable(await text(request), "request.json"));
    const draws = await sample(rates, table, { seed: 1, signal: stop.signal });
    const rows = summarise(draws).map((row) => [nameOf(row), [row.q5, row.median, row.q95]]);
    response.end(`${JSON.stringify(Object.fromEntries(rows))}\n`);
  } catch (error) {
    if (stop.signal.aborted) return;
    response.statusCode = error instanceof SurmiseError ? 400 : 500;
    response.end(error instanceof SurmiseError ? `${error.message}\n` : "a fault of the service\n");
  }
}

const server = createServer(answer).listen(Number(process.env.PORT ?? 3000));
await once(server, "listening");
console.log(`listening on ${(server.address() as { port: number }).port}`);
