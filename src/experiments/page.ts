/** What the pages of all papers have in common. */
import type { Report, ReportSection } from "../report/index.ts";
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
