const polynomial = (x: number, ...coefficients: number[]) =>
  coefficients.reduceRight((sum, c) => sum * x + c, 0);

/**
 * The z below which a standard normal variable lies with probability p, for p from 1e-10 to
 * 1 - 1e-10, to seven digits: Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), PPND7.
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * polynomial(r, 3.3871327179, 50.434271938, 159.29113202, 59.10937472)) /
      polynomial(r, 1, 17.895169469, 78.757757664, 67.1875636)
    );
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p))) - 1.6;
  const z =
    polynomial(r, 1.4234372777, 2.75681539, 1.3067284816, 0.17023821103) /
    polynomial(r, 1, 0.7370016425, 0.12021132975);
  return q < 0 ? -z : z;
}
