import { Button, Label } from "@patternfly/react-core";
import { ActionsColumn } from "@patternfly/react-table";
import { useState } from "react";
import type { TenantOverview } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatBytes, formatCount, Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { CloseTenantDialog, MakeTenantDialog, RenameTenantDialog } from "./tenant-dialogs.tsx";

type Open = { act: "rename" | "close"; tenant: TenantOverview };

const columns: readonly Column<TenantOverview>[] = [
  { key: "name", title: "Name", cell: ({ name }) => name, text: ({ name }) => name },
  {
    key: "slug",
    title: "In addresses",
    cell: ({ slug }) => <span className="ls-mono">{slug}</span>,
    text: ({ slug }) => slug,
  },
  {
    key: "state",
    title: "State",
    cell: ({ closedAt }) => (
      <Label isCompact status={closedAt ? "warning" : "success"}>
        {closedAt ? "closed" : "open"}
      </Label>
    ),
    text: ({ closedAt }) => (closedAt ? "closed" : "open"),
  },
  { key: "sites", title: "Sites", cell: ({ sites }) => formatCount(sites), text: ({ sites }) => sites },
  { key: "devices", title: "Devices", cell: ({ devices }) => formatCount(devices), text: ({ devices }) => devices },
  { key: "people", title: "People", cell: ({ people }) => formatCount(people), text: ({ people }) => people },
  {
    key: "events",
    title: "Events in 30 days",
    cell: ({ events, bytes }) => `${formatCount(events)}, ${formatBytes(bytes)}`,
    text: ({ events }) => events,
  },
  {
    key: "exports",
    title: "Exports in 30 days",
    hidden: true,
    cell: ({ exports }) => formatCount(exports),
    text: ({ exports }) => exports,
  },
  {
    key: "made",
    title: "Made",
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
];

/** The operator's: names and counts of tenants, and no content. */
export function Page() {
  const can = useCan();
  const [isMaking, setMaking] = useState(false);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const make = can("appliance:write") && <Button onClick={() => setMaking(true)}>Make a tenant</Button>;
  return (
    <PageFrame
      title="Tenants"
      about="The organisations on this appliance, by name and number. What they keep here is theirs alone to see; what you do to one stands in its ledger and in yours."
    >
      <DataTable<TenantOverview>
        label="Tenants"
        path="appliance/tenants"
        field="tenants"
        columns={columns}
        rowKey={({ tenantId }) => tenantId}
        actions={make}
        rowActions={(tenant) =>
          can("appliance:write") ? (
            <ActionsColumn
              items={[
                { title: "Rename…", onClick: () => setOpen({ act: "rename", tenant }) },
                {
                  title: tenant.closedAt ? "Open again…" : "Close…",
                  isDanger: !tenant.closedAt,
                  onClick: () => setOpen({ act: "close", tenant }),
                },
              ]}
            />
          ) : null
        }
        empty={{ title: "No tenant yet", body: "Make one for each organisation.", action: make }}
      />
      {isMaking && <MakeTenantDialog onClose={() => setMaking(false)} />}
      {open?.act === "rename" && <RenameTenantDialog tenant={open.tenant} onClose={close} />}
      {open?.act === "close" && <CloseTenantDialog tenant={open.tenant} onClose={close} />}
    </PageFrame>
  );
}
