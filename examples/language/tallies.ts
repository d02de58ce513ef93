/** Tallies: trials whose chance varies, tries until a success, votes for several parties, and answers on a scale. */
import {
  axis,
  betaBinomial,
  binomial,
  dirichlet,
  dirichletMultinomial,
  geometric,
  halfNormal,
  model,
  multinomial,
  normal,
  ordered,
  orderedLogistic,
  tensor,
} from "surmise";

const [day, party] = [axis("day", 4), axis("party", 3)];
const [answer, cut] = [axis("answer", 3, ["no", "perhaps", "yes"]), axis("cut", 2)];
const germinated = tensor([18, 11, 15, 19], [day]);
const tries = tensor([0, 2, 1, 4], [day]);
const answers = tensor([0, 2, 1, 2], [day]);
const [votes, polls] = [tensor([40, 25, 35], [party]), tensor([4, 2, 4], [party])];

export default model(({ sample, observe, plate }) => {
  const uneven = sample("uneven", halfNormal(10));
  const chance = sample("chance", normal(0, 1));
  const share = sample("share", dirichlet(2, party));
  const cutpoints = sample("cutpoints", ordered(normal(0, 3), cut));
  observe("present", binomial(120, { logits: chance }), tensor(100));
  observe("votes", multinomial(100, share, party), votes);
  observe("polls", dirichletMultinomial(10, share.mul(uneven), party), polls);
  plate(day, () => {
    observe("germinated", betaBinomial(20, uneven, 2), germinated);
    observe("tries", geometric({ logits: chance }), tries);
    const scale = orderedLogistic(chance, cutpoints, { cut, category: answer });
    observe("answer", scale, answers);
  });
});
