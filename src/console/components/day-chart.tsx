import { Content } from "@patternfly/react-core";
import { formatBytes, formatCount } from "./format.tsx";

export type ChartDay = {
  day: string;
  events: number;
  bytes: number /** Would be erased. */;
  due?: boolean;
  held?: boolean;
};

const height = 120;
const step = 10;

/** Events by UTC day, oldest left. What a change would erase stands out by colour and by pattern, and in the table for readers. */
export function DayChart({ days, label }: { days: readonly ChartDay[]; label: string }) {
  if (days.length === 0) return <Content component="p">Nothing is kept here yet.</Content>;
  const shown = [...days].sort((a, b) => (a.day < b.day ? -1 : 1));
  const most = Math.max(1, ...shown.map(({ events }) => events));
  const width = Math.max(shown.length, 30) * step;
  const due = shown.filter((each) => each.due && !each.held);
  return (
    <figure className="ls-chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {shown.map(({ day, events, bytes, due: isDue, held }, index) => {
          const tall = Math.max(2, (events / most) * (height - 4));
          return (
            <rect
              key={day}
              x={index * step + 1}
              y={height - tall}
              width={step - 2}
              height={tall}
              className={held ? "ls-bar-held" : isDue ? "ls-bar-due" : "ls-bar"}
            >
              <title>{`${day}: ${formatCount(events)} events, ${formatBytes(bytes)}${held ? ", kept by a hold" : isDue ? ", would be erased" : ""}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{shown[0]!.day}</span>
        <span>
          {formatCount(shown.reduce((sum, { events }) => sum + events, 0))} events
          {due.length > 0 && `, ${formatCount(due.reduce((sum, { events }) => sum + events, 0))} of them erased`}
        </span>
        <span>{shown.at(-1)!.day}</span>
      </figcaption>
    </figure>
  );
}
