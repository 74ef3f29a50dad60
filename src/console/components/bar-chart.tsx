import { Button, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { type KeyboardEvent, type PointerEvent, useState } from "react";

/** One kind of thing, stacked on those before it. `className` gives its colour. */
export type BarSeries = { key: string; title: string; className: string };
/** `title`: the hour or the day, in words. */
export type Bar = { key: string; title: string; values: Readonly<Record<string, number>> };

type Chart = {
  /** Read out. */
  label: string;
  series: readonly BarSeries[];
  bars: readonly Bar[];
  format(value: number): string;
  /** What the column of `title` is called in the table. */
  unit: string;
  /** Said when there is nothing to show. */
  empty: string;
};

const height = 120;
const step = 10;

/**
 * Bars over time. Pointer and arrow keys choose one, whose numbers stand below it and are read out; all numbers are there as a table.
 */
export function BarChart({ label, series, bars, format, unit, empty }: Chart) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const totals = bars.map(({ values }) => series.reduce((sum, { key }) => sum + (values[key] ?? 0), 0));
  const most = Math.max(0, ...totals);
  const last = bars.length - 1;
  const say = ({ title, values }: Bar): string =>
    `${title}: ${series.map(({ key, title: name }) => `${format(values[key] ?? 0)} ${name}`).join(", ")}`;
  const bar = chosen === null ? undefined : bars[chosen];

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    const next =
      event.key === "Home" ? 0 : event.key === "End" ? last : (chosen ?? last) + (steps[event.key] ?? Number.NaN);
    if (Number.isNaN(next)) return;
    event.preventDefault();
    setChosen(Math.min(last, Math.max(0, next)));
  }
  function onPointerMove({ currentTarget, clientX }: PointerEvent): void {
    const { left, width } = currentTarget.getBoundingClientRect();
    setChosen(Math.min(last, Math.max(0, Math.floor(((clientX - left) / width) * bars.length))));
  }

  if (most === 0) return <Content component="p">{empty}</Content>;
  return (
    <figure className="ls-chart" aria-label={label}>
      <div className="ls-chart-head">
        <Legend series={series} />
        <Button variant="link" isInline size="sm" onClick={() => setTable(!isTable)} aria-pressed={isTable}>
          {isTable ? "Show as a chart" : "Show as a table"}
        </Button>
      </div>
      {isTable ? (
        <BarTable label={label} series={series} bars={bars} format={format} unit={unit} />
      ) : (
        <>
          <Content component="small" className="ls-chart-most">
            {format(most)}
          </Content>
          <div
            className="ls-bars"
            role="slider"
            tabIndex={0}
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={Math.max(0, last)}
            aria-valuenow={chosen ?? last}
            aria-valuetext={bars.length > 0 ? say(bars[chosen ?? last]!) : "nothing"}
            onKeyDown={onKeyDown}
            onFocus={() => setChosen(chosen ?? last)}
            onBlur={() => setChosen(null)}
            onPointerMove={onPointerMove}
            onPointerLeave={() => setChosen(null)}
          >
            <svg viewBox={`0 0 ${bars.length * step} ${height}`} preserveAspectRatio="none" aria-hidden="true">
              {bars.map((each, index) => (
                <Stack key={each.key} bar={each} {...{ series, index, most }} isChosen={index === chosen} />
              ))}
            </svg>
          </div>
          <figcaption>
            <span>{bars[0]?.title}</span>
            <strong>{bar && say(bar)}</strong>
            <span>{bars.at(-1)?.title}</span>
          </figcaption>
        </>
      )}
    </figure>
  );
}

type StackProps = { bar: Bar; series: readonly BarSeries[]; index: number; most: number; isChosen: boolean };

function Stack({ bar, series, index, most, isChosen }: StackProps) {
  let top = height;
  return (
    <>
      {isChosen && <rect className="ls-bar-chosen" x={index * step} y={0} width={step} height={height} />}
      {series.map(({ key, className }) => {
        const value = bar.values[key] ?? 0;
        // What is there shows, be it ever so little.
        const tall = value === 0 ? 0 : Math.max(1.5, (value / most) * (height - 2));
        top -= tall;
        return <rect key={key} className={className} x={index * step + 1} y={top} width={step - 2} height={tall} />;
      })}
    </>
  );
}

function Legend({ series }: { series: readonly BarSeries[] }) {
  if (series.length < 2) return <span />;
  return (
    <span className="ls-legend">
      {series.map(({ key, title, className }) => (
        <span key={key}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect className={className} width="10" height="10" />
          </svg>
          {title}
        </span>
      ))}
    </span>
  );
}

function BarTable({ label, series, bars, format, unit }: Omit<Chart, "empty">) {
  return (
    <Table aria-label={label} variant="compact">
      <Thead>
        <Tr>
          <Th>{unit}</Th>
          {series.map(({ key, title }) => (
            <Th key={key}>{title}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {bars.map(({ key, title, values }) => (
          <Tr key={key}>
            <Td dataLabel={unit}>{title}</Td>
            {series.map((each) => (
              <Td key={each.key} dataLabel={each.title}>
                {format(values[each.key] ?? 0)}
              </Td>
            ))}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
