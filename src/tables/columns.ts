/** The columns of a table as axes and tensors: what a model file is given as its data. */
import type { Axis, Tensor } from "../tensor/internal.ts";
import type { DatePart } from "./dates.ts";
import type { Table } from "./table.ts";

/**
 * A table for models. Columns of text (or of codes and years) become axes, whose labels are the
 * different values; numeric columns become tensors over the rows, or over such axes: exact in models that are
 * computed in float64, and refused in others where float32 cannot hold them.
 *
 * @example
 * const school = axisOf("school");
 * const effect = column("effect", [school]); // one row for each school
 * const intercept = gather(alpha, axisOf("county"), indexOf("county")); // the county of each row
 */
export interface Columns {
  /** The rows of the table. */
  readonly row: Axis;
  /**
   * The different values of a column, as an axis of the column's name: ascending if all are numbers, in the
   * order of time if all are dates of ISO 8601, else in the order in which they appear. Equal numbers are one
   * label, however they are written. The same object at each call. What is to be known of how labels
   * were taken is said once, as a warning on the console. Labels with an order of their own, such as grades, are given
   * in it (`order`) where the column is first asked for; those that no row has are elements too.
   *
   * @throws SurmiseError naming column and row of a label that `order` lacks; if there is no such column, a row lacks a
   * value in it, a date is none, or dates are of several forms.
   */
  axisOf(column: string, options?: { readonly order?: readonly string[] }): Axis;
  /**
   * A numeric column (true and false are 1 and 0), over the rows. Over other axes, made by
   * `axisOf`, there must be one value for each combination of their elements, the same in all its
   * rows. Where there is none (an empty cell, or NA, N/A, NaN, nan, null, NULL, None) it is `missing`.
   * Numbers are written in decimals, such as -1.5 or 2e3.
   *
   * @throws SurmiseError naming column and row: a cell that is not a number, a missing value if no
   * `missing` is given, two different values for one element.
   */
  column(column: string, axes?: readonly Axis[], options?: { readonly missing?: number }): Tensor;
  /**
   * A numeric column less its mean, over its standard deviation, over the rows: both those of the rows of the fit, in rows
   * to be predicted too. Without `centre` or `scale` only the other is done.
   *
   * @throws SurmiseError as `column`, and if all values are the same.
   */
  standardised(
    column: string,
    options?: { readonly centre?: boolean; readonly scale?: boolean },
  ): Tensor;
  /** The columns named by the labels of `along`, side by side, over `axes` and `along`. */
  columnsAlong(along: Axis, axes?: readonly Axis[]): Tensor;
  /** The position along `axisOf(column)` of each row, or of each element over `axes`: int32. */
  indexOf(column: string, axes?: readonly Axis[]): Tensor;
  /**
   * 1 where a column has this label, else 0, over the rows or over `axes`: `indicator("kind", "control")`, for a column of
   * text or of codes as covariate.
   *
   * @throws SurmiseError if the column has no such label, with those that it has, or as `axisOf`.
   */
  indicator(column: string, label: string | number, axes?: readonly Axis[]): Tensor;
  /**
   * A column of labels as columns of a design matrix (dummy coding): `values` are 1 where the row has the label of the
   * element of `levels`, else 0, over the rows or over `axes`, and `levels`, the axis of all labels but `base`, the first
   * unless given, which the weights of the others are measured from. `levels` is the same object at each call.
   *
   * @throws SurmiseError as `indicator`, and if there is only one label.
   *
   * @example
   * const { levels, values } = dummies("treatment", { base: "placebo" });
   * const effect = sum(values.mul(sample("effect", normal(0, 1).event(levels))), levels);
   */
  dummies(
    column: string,
    options?: { readonly base?: string | number; readonly axes?: readonly Axis[] },
  ): { readonly levels: Axis; readonly values: Tensor };
  /**
   * Ids that count from `first` (0 unless given; 1 for ids 1, 2, ...) as positions along `along`: int32 over the
   * rows, or over `axes`. With `part` the column holds dates, and the ids are that part of them, which counts from 1
   * (`hour` from 0, its fraction cut off) unless `first` is given: `positions("day", axis("month", 12), { part: "month" })`.
   *
   * @throws SurmiseError naming column and row of a value that is no whole number or lies outside the axis, or no date.
   */
  positions(
    column: string,
    along: Axis,
    options?: {
      readonly first?: number;
      readonly axes?: readonly Axis[];
      readonly part?: DatePart;
    },
  ): Tensor;
  /**
   * A part of the dates in a column, as calendars count: year, quarter, month, dayOfMonth and dayOfYear from 1, weekday
   * from 1 (Monday) to 7, hour with its fraction; over the rows or over `axes`. Of a month, a quarter or a week its first
   * day counts. A missing date is `missing`.
   *
   * @throws SurmiseError naming column and row: of what is no date of ISO 8601, or a missing one if no `missing` is given.
   */
  datePart(
    column: string,
    part: DatePart,
    axes?: readonly Axis[],
    options?: { readonly missing?: number },
  ): Tensor;
  /**
   * The time in days from `since`, a date of ISO 8601 (the first date in the column, unless given), to each date in a
   * column: with fractions for times of day; over the rows or over `axes`. A missing date is `missing`.
   *
   * @throws SurmiseError as `datePart`, and if `since` is no date.
   */
  days(
    column: string,
    axes?: readonly Axis[],
    options?: { readonly since?: string; readonly missing?: number },
  ): Tensor;
  /**
   * A single number beside the columns of a JSON file, such as `{"N": 8, "y": [...]}` has; true and false
   * are 1 and 0.
   *
   * @throws SurmiseError if there is none of that name, or it is not a number.
   */
  scalar(name: string): number;
  /** 1 where `column` has a value, else 0: uint8, over the rows or over `axes`. The same object at each call. */
  present(column: string, axes?: readonly Axis[]): Tensor;
}

/** How a table is taken. */
export interface ColumnsOptions {
  /**
   * The table of a fit whose model is to predict the rows of this one: labels are those of the fit, in its order, with new
   * ones behind them or, of numbers and dates, between them; what holds for a label there holds here. Rows are called
   * `new 1`, `new 2` and so on, since they are not those of the fit. Columns that this table lacks, such as the outcome,
   * have no values, and nothing that is predicted may depend on them.
   */
  readonly fitted?: Table;
}
