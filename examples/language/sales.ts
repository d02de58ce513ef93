/** Sales by what was sold before, by the last weeks' advertising and by the weekday: lags, rolling means and sums, parts of dates. */
import {
  axis,
  columnsOf,
  gather,
  halfNormal,
  lag,
  model,
  normal,
  parseTable,
  rollingMean,
  rollingSum,
} from "surmise";

const CSV = `day,sold,advertising
2024-03-01,5.1,0
2024-03-02,7.9,1
2024-03-03,7.4,1
2024-03-04,5.6,0
2024-03-05,5.2,0
2024-03-06,6.1,1
`;
const { row, column, days, positions } = columnsOf(await parseTable(CSV, "sales.csv"));
const [sold, advertising] = [column("sold"), column("advertising")];
const weekday = axis("weekday", 7, ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]);
const onWeekday = positions("day", weekday, { part: "weekday" });
const before = lag(sold, row, { before: 5 });
const recent = rollingMean(advertising, row, 3);
const spent = rollingSum(advertising, row, 30);

export default model(({ sample, observe, plate }) => {
  const [level, trend] = [sample("level", normal(0, 5)), sample("trend", normal(0, 0.1))];
  const [again, effect] = [sample("again", normal(0, 0.5)), sample("effect", normal(0, 1))];
  const tired = sample("tired", normal(0, 0.1));
  const spread = sample("spread", halfNormal(1));
  const ofDay = plate(weekday, () => sample("ofDay", normal(0, spread)));
  const noise = sample("noise", halfNormal(1));
  plate(row, () => {
    const mean = level.add(trend.mul(days("day"))).add(gather(ofDay, weekday, onWeekday));
    const more = again.mul(before).add(effect.mul(recent)).add(tired.mul(spent));
    observe("sold", normal(mean.add(more), noise), sold);
  });
});
