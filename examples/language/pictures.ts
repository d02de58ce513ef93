/** Pictures of strokes by a convolutional network: edges, the largest in each quarter, and what they say of the kind. */
import {
  axis,
  categorical,
  convolution,
  dense,
  halfNormal,
  index,
  maxPool,
  model,
  relu,
  select,
  softmax,
  tensor,
} from "surmise";

const [picture, row, column] = [axis("picture", 4), axis("row", 6), axis("column", 6)];
const [colour, edge, kind] = [axis("colour", 1), axis("edge", 3), axis("kind", 2, ["|", "-"])];
const [down, across] = [axis("down", 3), axis("across", 3)];
const [edgeRow, edgeColumn] = [axis("edgeRow", 6), axis("edgeColumn", 6)];
const [top, left] = [axis("top", 2), axis("left", 2)];
const kinds = tensor([0, 1, 0, 1], [picture]);
/** A column of ones, or a row of ones. */
const place = tensor([1, 4, 3, 2], [picture]);
const stroke = select(kinds.eq(0), index(column).eq(place), index(row).eq(place));
const ink = select(stroke, tensor([1], [colour]), 0);

export default model(({ param, sample, observe, plate }) => {
  const edges = convolution(param, "edges", {
    from: colour,
    to: edge,
    along: [
      { axis: row, window: down, to: edgeRow, padding: 1 },
      { axis: column, window: across, to: edgeColumn, padding: 1 },
    ],
  });
  const largest = maxPool(relu(edges(ink)), [
    { axis: edgeRow, to: top, size: 3 },
    { axis: edgeColumn, to: left, size: 3 },
  ]);
  const logits = dense(param, "kind", [top, left, edge], kind)(largest);
  const sharpness = sample("sharpness", halfNormal(1));
  const probs = softmax(logits.mul(sharpness), kind);
  plate(picture, () => observe("kind", categorical(probs, kind), kinds));
});
