/** Random numbers that other programs can make again. */

/** Numbers in (0, 1) of a linear congruential generator. */
export function uniforms(count: number, seed: number): Float64Array {
  let x = seed;
  return Float64Array.from({ length: count }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x + 0.5) / 2 ** 31;
  });
}

/** Standard normal numbers made of these (Box and Muller). */
export function normals(count: number, seed: number): Float64Array {
  const u = uniforms(2 * count, seed);
  return Float64Array.from({ length: count }, (_, i) => {
    return Math.sqrt(-2 * Math.log(u[i])) * Math.cos(2 * Math.PI * u[count + i]);
  });
}
