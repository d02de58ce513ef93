/** Latents in three nested plates, as many as asked for in each. */
import { normal } from "../../src/distributions/index.ts";
import { model } from "../../src/model/index.ts";
import { axis, exp, type Tensor, tensor } from "../../src/tensor/index.ts";

/** `each` latents in every plate, those inside given those outside, and as many observed sites. */
export function nested(each: number) {
  const axes = [axis("a", 4), axis("b", 5), axis("c", 6)];
  const [a, b, c] = axes;
  const y = tensor(
    Array.from({ length: 120 }, (_, i) => 2 * Math.sin(12.9898 * i)),
    axes,
  );
  const list = <T>(make: (i: number) => T) => Array.from({ length: each }, (_, i) => make(i));
  const made = model(({ sample, observe, plate }, data: { readonly y: Tensor }) => {
    plate(a, () => {
      const outer = list((i) => sample(`a${i}`, normal(0, 1)));
      plate(b, () => {
        const middle = list((i) => sample(`b${i}`, normal(outer[i], 1)));
        plate(c, () => {
          const inner = list((i) => sample(`c${i}`, normal(middle[i], exp(outer[i]))));
          for (const [i, value] of inner.entries()) observe(`y${i}`, normal(value, 1), data.y);
        });
      });
    });
  });
  return { model: made, data: { y } };
}
