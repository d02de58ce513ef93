/** The work of the benchmark as surmise does it. */
import { SurmiseError } from "../../../src/tensor/index.ts";
import { call } from "./call.ts";
import { convolutions } from "./convolution.ts";
import { density } from "./density.ts";
import { elementwise } from "./elementwise.ts";
import { equations } from "./equations.ts";
import { process } from "./gaussianProcess.ts";
import { gemm } from "./gemm.ts";
import { hmc } from "./hmc.ts";
import { gradients1, gradients2, iwae1, iwae2 } from "./iwae.ts";
import { large } from "./large.ts";
import { choleskyFamily, solve } from "./linear.ts";
import { mp } from "./mp.ts";
import { nll } from "./nll.ts";
import { normals } from "./normals.ts";
import { chains, effective, firstDraws, nuts } from "./nuts.ts";
import { vae } from "./vae.ts";
import { vcd } from "./vcd.ts";
import type { Family, Member } from "./workload.ts";

export type { Family, Member } from "./workload.ts";

export const FAMILIES: readonly Family[] = [
  vae,
  iwae1,
  iwae2,
  gradients1,
  gradients2,
  nll,
  vcd,
  hmc,
  mp,
  convolutions,
  gemm,
  elementwise,
  normals,
  call,
  density,
  nuts,
  effective,
  chains,
  firstDraws,
  large,
  choleskyFamily,
  solve,
  process,
  equations,
];

/** A member, and the family it belongs to. */
export interface Workload extends Member {
  readonly family: Family;
}

const ALL: readonly Workload[] = FAMILIES.flatMap((family) =>
  family.members.map((member) => ({ ...member, family })),
);

/**
 * The workload called `name`, or those of the family called so and of its group; all of them unless given.
 *
 * @throws SurmiseError if there is none.
 */
export function workloads(name?: string): readonly Workload[] {
  const member = ALL.filter((workload) => workload.name === name);
  const found =
    member.length > 0
      ? member
      : ALL.filter(({ family }) => [family.name, family.group, undefined].includes(name));
  if (found.length > 0) return found;
  const known = ALL.map((workload) => `"${workload.name}"`).join(", ");
  throw new SurmiseError(
    `there is no workload "${name}": use one of ${known}, or a family of these`,
  );
}
