import { Button, Content, Label } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { SitePolicy } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { PolicyDialog } from "../sites/policy-dialog.tsx";
import { RetentionFrame } from "./retention-frame.tsx";
import { policyWords } from "./words.ts";

const columns: readonly Column<SitePolicy>[] = [
  {
    key: "site",
    title: "Site",
    sort: "name",
    cell: ({ siteId, name }) => <Link to={`/sites/${siteId}`}>{name}</Link>,
    text: ({ name }) => name,
  },
  {
    key: "policy",
    title: "Policy in force",
    cell: ({ inForce }) => policyWords(inForce),
    text: ({ inForce }) => policyWords(inForce),
  },
  {
    key: "pending",
    title: "Change in its cooling-off",
    cell: (policy) => <Pending policy={policy} />,
    text: ({ pending }) => (pending ? `${policyWords(pending)}, from ${pending.effectiveAt}` : null),
  },
  {
    key: "since",
    title: "In force since",
    cell: ({ inForce, timeZone }) => <Time at={inForce.effectiveAt} zone={timeZone} />,
    text: ({ inForce }) => inForce.effectiveAt,
  },
  {
    key: "imageDays",
    title: "Image days",
    sort: "imageDays",
    hidden: true,
    cell: ({ inForce }) => inForce.imageDays,
    text: ({ inForce }) => inForce.imageDays,
  },
  {
    key: "eventDays",
    title: "Event days",
    sort: "eventDays",
    hidden: true,
    cell: ({ inForce }) => inForce.eventDays,
    text: ({ inForce }) => inForce.eventDays,
  },
];

export function Page() {
  const can = useCan();
  const [changing, setChanging] = useState<SitePolicy | null>(null);
  const cancel = useAct(["retention/", "sites/"]);
  return (
    <RetentionFrame tab="retention">
      {cancel.error && <ProblemAlert error={cancel.error} />}
      <DataTable<SitePolicy>
        label="Policies"
        path="retention/policies"
        field="policies"
        sortedBy="name"
        columns={columns}
        filters={[
          {
            name: "pending",
            label: "Sites",
            kind: "choice",
            options: [{ value: "true", label: "With a change in its cooling-off" }],
          },
        ]}
        rowKey={({ siteId }) => siteId}
        rowActions={(policy) =>
          can("retention:write", policy.siteId) ? (
            <>
              {policy.pending && (
                <Button
                  variant="link"
                  isDisabled={cancel.isPending}
                  onClick={() => cancel.mutate({ path: `sites/${policy.siteId}/retention/pending`, method: "DELETE" })}
                >
                  Cancel the change
                </Button>
              )}
              <Button variant="link" onClick={() => setChanging(policy)}>
                Change…
              </Button>
            </>
          ) : null
        }
        empty={{ title: "No site yet", body: "A policy comes with each site: make a site first." }}
      />
      {changing && <PolicyDialog site={changing} now={changing.inForce} onClose={() => setChanging(null)} />}
    </RetentionFrame>
  );
}

function Pending({ policy: { pending, timeZone } }: { policy: SitePolicy }) {
  if (!pending) return null;
  return (
    <>
      <Label isCompact status="warning">
        {policyWords(pending)}
      </Label>
      <Content component="small">
        from <Time at={pending.effectiveAt} zone={timeZone} />
      </Content>
    </>
  );
}
