import { Content, Label } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Approvals, HoldsOverview, UrgentCases } from "../../api/types.ts";
import { DataCard } from "../../components/data-card.tsx";
import { Figures } from "../../components/figures.tsx";
import { formatCount, formatDay, Time } from "../../components/format.tsx";

/** Legal holds that stand, and their reviews. */
export function HoldsCard() {
  return (
    <DataCard<HoldsOverview> title="Legal holds" path="overview/holds" more={{ to: "/holds", title: "Legal holds" }}>
      {({ open, toReview, nextReview }) => (
        <>
          <Figures
            of={[
              { title: "standing", value: formatCount(open) },
              { title: "to be reviewed", value: formatCount(toReview) },
            ]}
          />
          <Content component="p">
            {open === 0
              ? "Nothing is kept beyond its policy."
              : toReview > 0
                ? `The first review was due on ${formatDay(nextReview!)}.`
                : `The next review is on ${formatDay(nextReview!)}.`}
          </Content>
        </>
      )}
    </DataCard>
  );
}

/** People's requests for an erasure, and the days that are left for them. */
export function CasesCard({ more }: { more?: { to: string; title: string } }) {
  return (
    <DataCard<UrgentCases> title="Erasure requests" path="overview/erasure-cases" {...(more && { more })}>
      {({ open, cases }) => (
        <>
          <Figures of={[{ title: "waiting for an answer", value: formatCount(open) }]} />
          {cases.length === 0 ? (
            <Content component="p">Nobody waits for an answer.</Content>
          ) : (
            <ul className="ls-rows" aria-label="Those whose time runs out first">
              {cases.map(({ caseId, receivedAt, daysLeft, overdue }) => (
                <li key={caseId}>
                  <Link to={`/erasure-requests/${caseId}`}>Received on {formatDay(receivedAt.slice(0, 10))}</Link>
                  <DaysLeft daysLeft={daysLeft} overdue={overdue} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </DataCard>
  );
}

function DaysLeft({ daysLeft, overdue }: { daysLeft: number | null; overdue: boolean }) {
  if (daysLeft === null) return null;
  const days = (count: number): string => (count === 1 ? "1 day" : `${count} days`);
  return (
    <Label isCompact {...((overdue || daysLeft <= 7) && { status: overdue ? "danger" : "warning" })}>
      {overdue ? `${days(-daysLeft)} overdue` : daysLeft === 0 ? "due today" : `${days(daysLeft)} left`}
    </Label>
  );
}

const SHOWN = 5;

/** Acts that wait for a second person. */
export function ApprovalsCard({ more }: { more?: { to: string; title: string } }) {
  return (
    <DataCard<Approvals>
      title="Waiting for a second person"
      path="approvals"
      query={{ state: "pending", limit: SHOWN }}
      {...(more && { more })}
    >
      {({ approvals, next }) =>
        approvals.length === 0 ? (
          <Content component="p">Nothing waits.</Content>
        ) : (
          <>
            <ul className="ls-rows" aria-label="What waits">
              {approvals.map(({ approvalId, title, expiresAt }) => (
                <li key={approvalId}>
                  <Link to={`/access/approvals/${approvalId}`} className="ls-break">
                    {title}
                  </Link>
                  <span>
                    until <Time at={expiresAt} />
                  </span>
                </li>
              ))}
            </ul>
            {next !== null && <Content component="small">And more.</Content>}
          </>
        )
      }
    </DataCard>
  );
}
