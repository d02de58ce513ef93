/** Auto-Encoding Variational Bayes (Kingma and Welling, ICLR 2014). */
export { type Images, type VaeOptions, vae } from "./vae.ts";
