/** What every C program begins with. */
import { lanesOf, type Target } from "../../loops/loops.ts";
import type { TileUse } from "../../loops/phases.ts";

/**
 * Small functions in the semantics of the loop language: minima and maxima are NaN if an operand is,
 * conversions to integers saturate, and NaN becomes 0. Minima and maxima choose in two steps: of loops with a condition
 * made of two comparisons, gcc makes no vectors where the same comparisons are used once more.
 */
const FUNCTIONS = `
#include <stdint.h>
#include <string.h>
#include <math.h>
/* gcc 12 aligns arrays for vectors, but the stack below them only if it is told. */
#define ALIGNED __attribute__((aligned(64)))
#define EACH static inline __attribute__((always_inline))
EACH int32_t bits_f32(float x) { int32_t r; memcpy(&r, &x, 4); return r; }
EACH float bits_i32(int32_t x) { float r; memcpy(&r, &x, 4); return r; }
EACH int64_t bits_f64(double x) { int64_t r; memcpy(&r, &x, 8); return r; }
EACH double bits_i64(int64_t x) { double r; memcpy(&r, &x, 8); return r; }
EACH float min_f32(float a, float b) { float r = a < b ? a : b; return a != a ? a : r; }
EACH float max_f32(float a, float b) { float r = a > b ? a : b; return a != a ? a : r; }
EACH double min_f64(double a, double b) { double r = a < b ? a : b; return a != a ? a : r; }
EACH double max_f64(double a, double b) { double r = a > b ? a : b; return a != a ? a : r; }
EACH int32_t min_i32(int32_t a, int32_t b) { return a < b ? a : b; }
EACH int32_t max_i32(int32_t a, int32_t b) { return a > b ? a : b; }
EACH float abs_f32(float x) { return __builtin_fabsf(x); }
EACH double abs_f64(double x) { return __builtin_fabs(x); }
EACH float sqrt_f32(float x) { return __builtin_sqrtf(x); }
EACH double sqrt_f64(double x) { return __builtin_sqrt(x); }
EACH float floor_f32(float x) { return __builtin_floorf(x); }
EACH double floor_f64(double x) { return __builtin_floor(x); }
EACH float nearest_f32(float x) { return __builtin_rintf(x); }
EACH double nearest_f64(double x) { return __builtin_rint(x); }
EACH int32_t mod_i32(int32_t a, int32_t b) {
  return b == 0 ? 0 : (int32_t)((uint32_t)a % (uint32_t)b);
}
EACH int32_t whole_f32(float x) {
  float inside = x < -0x1p31f ? -0x1p31f : x > 0x1.fffffep30f ? 0x1.fffffep30f : x;
  return x != x ? 0 : x >= 0x1p31f ? INT32_MAX : (int32_t)inside;
}
EACH int32_t whole_f64(double x) {
  double inside = x < -0x1p31 ? -0x1p31 : x > 0x1.fffffffcp30 ? 0x1.fffffffcp30 : x;
  return x != x ? 0 : (int32_t)inside;
}
EACH int64_t inside(int64_t at, int64_t size) {
  int64_t up = at < 0 ? 0 : at;
  return up < size - 1 ? up : size - 1;
}
#pragma omp declare reduction(largest : float : omp_out = max_f32(omp_out, omp_in)) \\
  initializer(omp_priv = -INFINITY)
#pragma omp declare reduction(largest : double : omp_out = max_f64(omp_out, omp_in)) \\
  initializer(omp_priv = -INFINITY)
`;

/** Rows of an operand that lie apart are fetched so many steps before they are used. */
const AHEAD = 16;

/** One tile of a matrix product in registers, with fused multiply-add. */
export function tileFunction(name: string, use: TileUse, target: Target): string {
  const { type, rows, vectors, tail, strides, adds, subtracts } = use;
  const c = type === "f32" ? "float" : "double";
  const lanes = lanesOf(type, target);
  const sums = Array.from({ length: rows * vectors }, (_, i) => i);
  const step = sums.map((i) => {
    const [r, v] = [Math.floor(i / vectors), i % vectors];
    return `    s${i} ${subtracts ? "-" : "+"}= a[${r * strides.aRow}] * b${v};`;
  });
  const loads = Array.from(
    { length: vectors },
    (_, v) => `    vector_${type} b${v} = *(const vector_${type} *)(b + ${v * lanes});`,
  );
  const ahead = Array.from(
    { length: strides.bStep > vectors * lanes ? vectors : 0 },
    (_, v) => `    __builtin_prefetch(b + ${AHEAD * strides.bStep + v * lanes});`,
  );
  const place = (i: number) => {
    const [r, v] = [Math.floor(i / vectors), i % vectors];
    return `*(vector_${type} *)(c + ${r * strides.cRow + v * lanes})`;
  };
  const stored = (i: number) =>
    tail !== undefined && i % vectors === vectors - 1
      ? `  __builtin_memcpy(&${place(i)}, &s${i}, ${tail} * sizeof(${c}));`
      : `  ${place(i)} = s${i};`;
  const added = sums.map((i) => `    s${i} += ${place(i)};`).join("\n");
  return `
CONTRACT static void ${name}(const ${c} *restrict a, const ${c} *restrict b,
                         ${c} *restrict c, int64_t depth${adds ? ", int add" : ""}) {
  CONTRACT_HERE
${sums.map((i) => `  __builtin_prefetch(&${place(i)}, 1);`).join("\n")}
  vector_${type} ${sums.map((i) => `s${i} = {0}`).join(", ")};
  for (int64_t d = 0; d < depth; d++, a += ${strides.aStep}, b += ${strides.bStep}) {
${[...ahead, ...loads, ...step].join("\n")}
  }
${adds ? `  if (add) {\n${added}\n  }\n` : subtracts ? `${added}\n` : ""}${sums.map(stored).join("\n")}
}
`;
}

/**
 * What a program hands to whoever runs it. `tasks` is 0 where one thread works alone; where there is
 * nothing to run, `tasks` turns of what follows begin, up to the next such row, whose tasks are 0, or, if the turns
 * end once an int32 in memory is not 0, minus the place where it lies.
 */
export const PROGRAM = `
struct phase {
  void (*run)(char *memory, char *scratch, int64_t task);
  int64_t tasks;
};
struct program {
  int64_t phases, scratch;
  const struct phase *phase;
};
`;

/** The beginning of a program for `target`. Only tiles may fuse a product and a sum. */
export function prelude(target: Target): string {
  const contract = `
#if defined(__clang__)
#define SHARED __attribute__((noinline))
#define CONTRACT __attribute__((noinline))
#define CONTRACT_HERE _Pragma("clang fp contract(fast)")
#else
#define SHARED __attribute__((noinline, noclone))
#define CONTRACT __attribute__((noinline, optimize("fp-contract=fast")))
#define CONTRACT_HERE
#endif
`;
  const vector = (type: string, c: string) =>
    `typedef ${c} vector_${type} __attribute__((vector_size(${target.vectorBytes}), aligned(4), may_alias));\n`;
  return FUNCTIONS + PROGRAM + contract + vector("f32", "float") + vector("f64", "double");
}
