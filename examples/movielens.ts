/** Who likes which film: each user has a taste for each genre, around that of all users. */
import { axis, bernoulli, type Columns, exp, model, normal, sum } from "surmise";

const genre = axis("genre", 3, ["action", "drama", "comedy"]);

export default model(({ sample, observe, plate }, { axisOf, column, columnsAlong }: Columns) => {
  const user = axisOf("user");
  const film = axisOf("film");
  const taste = sample("taste", normal(0, 1).event(genre));
  const logSpread = sample("logSpread", normal(0, 1).event(genre));
  plate(user, () => {
    const z = sample("z", normal(taste, exp(logSpread)).event(genre));
    plate(film, () => {
      const logits = sum(z.mul(columnsAlong(genre, [film])), genre);
      observe("liked", bernoulli({ logits }), column("liked", [user, film]));
    });
  });
});
