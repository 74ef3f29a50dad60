import { Button, Label } from "@patternfly/react-core";
import { useState } from "react";
import type { DeadLetter, RetriedDeadLetter } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Announcement, useAnnounce } from "../../components/announcements.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import type { Filter } from "../../components/filter-fields.tsx";
import { Time } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { Source } from "../../components/source.tsx";
import { useAct } from "../../components/use-act.ts";
import { useSites } from "../../components/use-sites.ts";
import { DiscardDialog, LetterDialog } from "./letter-dialogs.tsx";
import { reasonWords } from "./words.ts";

/** What was refused, of all senders or of one device: looked at, sent through again, discarded. */
export function LettersTable({ deviceId }: { deviceId?: string }) {
  const can = useCan();
  const sites = useSites();
  const announce = useAnnounce();
  const [open, setOpen] = useState<DeadLetter | null>(null);
  const [discarding, setDiscarding] = useState<DeadLetter | null>(null);
  const retry = useAct<RetriedDeadLetter>(["dead-letters", "events", "devices"], ({ data }) =>
    announce(outcomeOf(data)),
  );
  const columns: Column<DeadLetter>[] = [
    {
      key: "received",
      title: "Received",
      sort: "received",
      cell: (letter) => (
        <Button variant="link" isInline onClick={() => setOpen(letter)}>
          <At letter={letter} zone={sites.get(letter.siteId)?.timeZone} />
        </Button>
      ),
      text: ({ received }) => received,
    },
    ...(deviceId
      ? []
      : [
          {
            key: "site",
            title: "Site",
            cell: ({ siteId }: DeadLetter) => sites.get(siteId)?.name ?? siteId,
            text: ({ siteId }: DeadLetter) => sites.get(siteId)?.name ?? siteId,
          },
          {
            key: "source",
            title: "Sent by",
            cell: ({ source }: DeadLetter) => <Source source={source} />,
            text: ({ source }: DeadLetter) => `${source.type} ${source.id}`,
          },
        ]),
    {
      key: "reason",
      title: "Refused because",
      sort: "reason",
      cell: ({ reason, heldBy }) => (
        <>
          {reasonWords[reason]}{" "}
          {heldBy.length > 0 && (
            <Label isCompact status="warning">
              kept by a hold
            </Label>
          )}
        </>
      ),
      text: ({ reason }) => reason,
    },
    { key: "detail", title: "In detail", cell: ({ detail }) => detail, text: ({ detail }) => detail },
  ];
  return (
    <>
      {retry.error && <ProblemAlert error={retry.error} />}
      <DataTable<DeadLetter>
        label="Refused messages"
        path="dead-letters"
        field="letters"
        sortedBy="-received"
        columns={columns}
        {...(deviceId ? { query: { source: deviceId } } : { filters: filtersOf([...sites.values()]) })}
        rowKey={({ letterId }) => letterId}
        rowActions={({ heldBy, ...letter }) =>
          heldBy.length > 0 ? null : (
            <>
              {can("events:write", letter.siteId) && (
                <Button
                  variant="link"
                  isDisabled={retry.isPending}
                  onClick={() => retry.mutate({ path: `dead-letters/${letter.letterId}/retry`, method: "POST" })}
                >
                  Retry
                </Button>
              )}
              {can("erasures:write", letter.siteId) && (
                <Button variant="link" isDanger onClick={() => setDiscarding({ ...letter, heldBy })}>
                  Discard…
                </Button>
              )}
            </>
          )
        }
        empty={{
          title: "Nothing was refused",
          body: "What a device sends and cannot be taken is kept here with the reason, encrypted, as long as its site keeps events.",
        }}
      />
      {open && <LetterDialog letter={open} onClose={() => setOpen(null)} />}
      {discarding && <DiscardDialog letter={discarding} onClose={() => setDiscarding(null)} />}
    </>
  );
}

const At = ({ letter, zone }: { letter: DeadLetter; zone: string | undefined }) => (
  <Time at={letter.received} {...(zone && { zone })} />
);

const filtersOf = (sites: readonly { siteId: string; name: string }[]): Filter[] => [
  {
    name: "site",
    label: "Site",
    kind: "choice",
    options: sites.map(({ siteId, name }) => ({ value: siteId, label: name })),
  },
  {
    name: "reason",
    label: "Refused because",
    kind: "choice",
    options: Object.entries(reasonWords).map(([value, label]) => ({ value, label })),
  },
];

function outcomeOf({ removed, results }: RetriedDeadLetter): Announcement {
  const refused = results.find(({ status }) => status === "rejected");
  if (!refused?.reason) return { kind: "done", title: "It went through", body: "It stands among the events now." };
  const body = `${reasonWords[refused.reason]}. ${refused.detail ?? ""}`;
  return { kind: "refused", title: removed ? "Refused for something else" : "Refused as before", body };
}
