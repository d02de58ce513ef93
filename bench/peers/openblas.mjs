// OpenBLAS: the product of two matrices, called through koffi, which costs under a microsecond. It
// takes the number of threads from OPENBLAS_NUM_THREADS or OMP_NUM_THREADS.
import * as common from "./common.mjs";

const NAMES = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"];
const [ROW_MAJOR, NO_TRANSPOSE] = [101, 111];

const [{ default: koffi }] = await common.load("koffi");
const library = open();
const idle = common.idle();
const sgemm = library.func(
  "void cblas_sgemm(int, int, int, int, int, int, float, float *, int, float *, int, float, _Inout_ float *, int)",
);
const version = library
  .func("const char *openblas_get_config(void)")()
  .match(/\d[\d.]*\d/)[0];

function open() {
  for (const name of NAMES) {
    try {
      return koffi.load(name);
    } catch {
      // It may be there under another name.
    }
  }
  return common.missing("how to install: the library OpenBLAS, such as the package libopenblas0");
}

const { m, k, n } = common.sizes;
const [a, b] = [common.operand(m * k, 0), common.operand(k * n, 1)];
const c = new Float32Array(m * n);
const step = () => sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1, a, k, b, n, 0, c, n);
step();
const check = { sum: common.sum(c), norm: common.norm(c) };

await common.serve({ version, threads: common.threads, idle, check, step });
