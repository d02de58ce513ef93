/**
 * Charts as SVG text, without a browser or a canvas: a Vega-Lite specification is compiled and
 * drawn by Vega in this process. Vega is loaded with the first chart and not before.
 */
import type { Spec } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { checkArguments, OBJECT, SurmiseError, shown } from "../../../tensor/internal.ts";
import { withoutIllegalCharacters, withoutReservedNames } from "./text.ts";
import { theme } from "./theme.ts";

/** A chart in the terms of Vega-Lite. */
export type VegaLiteSpec = TopLevelSpec;

/**
 * The chart as one `<svg>` element that refers to nothing outside itself; the same specification
 * gives the same text. The house theme applies below the specification's own `config`.
 * Throws SurmiseError where the specification asks for a file or an address.
 */
export async function renderChart(spec: VegaLiteSpec): Promise<string> {
  checkArguments("renderChart", { spec }, OBJECT);
  const vegaLite = await import("vega-lite");
  return renderDrawing(compiled(() => vegaLite.compile(spec, { config: theme }).spec));
}

/** As `renderChart`, of a chart in the terms of Vega, without the theme. */
export async function renderDrawing(drawing: Spec): Promise<string> {
  const vega = await import("vega");
  const refused: string[] = [];
  const loader = vega.loader();
  loader.load = async (uri) => {
    refused.push(uri);
    return "";
  };
  loader.sanitize = async (uri) => {
    refused.push(uri);
    return { href: "#" };
  };

  const view = new vega.View(vega.parse(withoutReservedNames(drawing)), {
    renderer: "none",
    loader,
    logLevel: vega.Error,
  });
  let svg: string;
  try {
    svg = await view.toSVG();
  } finally {
    view.finalize();
  }
  if (refused.length > 0) {
    throw new SurmiseError(
      `the chart refers to ${JSON.stringify(refused[0])}; ` +
        "a figure must hold its own data: give them as data.values",
    );
  }
  return withLocalIds(withoutIllegalCharacters(svg), "clip");
}

/** What Vega-Lite makes of a specification; what it refuses is no fault of surmise. */
function compiled<Spec>(compile: () => Spec): Spec {
  try {
    return compile();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : shown(cause);
    throw new SurmiseError(`renderChart: this is no chart of Vega-Lite: ${reason}`);
  }
}

/**
 * The identifiers of `svg` numbered from 1 behind `prefix`, so that several drawings can stand in
 * one page, and so that a drawing does not depend on how many Vega made before it.
 */
export function withLocalIds(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  const rename = (id: string) => {
    const name = names.get(id) ?? `${prefix}${names.size + 1}`;
    names.set(id, name);
    return name;
  };
  return svg.replace(
    /( id="|url\(#|href="#)([^")]+)/g,
    (_, before, id) => `${before}${rename(id)}`,
  );
}
