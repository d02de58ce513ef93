/** What the pages of all papers have in common: their frame, and how curves of training are drawn. */
import type { Report, ReportSection, Series } from "../report/index.ts";
import { checkArguments, listOf, OBJECT, objectWith, TEXT } from "../tensor/internal.ts";
import type { CellConfig } from "./cell.ts";
import type { Study } from "./study.ts";

/** A page of a study. */
export interface StudyPage {
  /** Of the paper. */
  readonly title: string;
  /** What was run. */
  readonly subtitle: string;
  /** Whether all cells are done: the page says where they are not. */
  readonly ending: Study<CellConfig, object>["ending"];
  /** In order. */
  readonly sections: readonly ReportSection[];
}

/** The page as a report. */
export function studyPage(page: StudyPage): Report {
  checkArguments(
    "studyPage",
    { page },
    objectWith({ title: TEXT, subtitle: TEXT, ending: TEXT, sections: listOf(OBJECT) }),
  );
  const { title, subtitle, ending, sections } = page;
  return {
    ...{ title, sections, footer: "Made by surmise." },
    subtitle: `${subtitle}${ending === "finished" ? "" : " Not finished."}`,
  };
}

/** Curves of fewer points are shown whole. */
const FEW = 4;

/**
 * The ends of a vertical axis that shows the later half of each curve, with some room: what training begins with would
 * press all of it flat. Curves of fewer than four points are shown whole. Undefined where there is nothing to show.
 */
export function laterHeights(series: readonly Series[]): readonly [number, number] | undefined {
  checkArguments("laterHeights", { series }, listOf(OBJECT));
  const later = series
    .flatMap(({ y }) => Array.from(y).slice(y.length < FEW ? 0 : Math.floor(y.length / 2)))
    .filter(Number.isFinite);
  if (later.length === 0) return undefined;
  const [low, high] = [Math.min(...later), Math.max(...later)];
  const room = Math.max(1, 0.1 * (high - low));
  return [low - room, high + room];
}
