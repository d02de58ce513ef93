/** Gaussian processes: unknown functions, by kernels. */
export {
  type BasisProcess,
  fourierProcess,
  type HilbertSpaceOptions,
  hilbertSpaceProcess,
} from "./basis.ts";
export {
  type ConditionalProcess,
  type GaussianProcess,
  gaussianProcess,
  type ProcessOptions,
} from "./gaussianProcess.ts";
export type { Kernel, KernelSpec } from "./kernel.ts";
export {
  constantKernel,
  type Linear,
  linearKernel,
  matern,
  type Periodic,
  periodicKernel,
  type Stationary,
  squaredExponential,
  whiteKernel,
} from "./kernels.ts";
