import type { ReactNode } from "react";

/** A few numbers that matter, each with what it counts. */
export function Figures({ of }: { of: readonly { title: string; value: ReactNode }[] }) {
  return (
    <dl className="ls-figures">
      {of.map(({ title, value }) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
