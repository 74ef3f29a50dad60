import { Button, Stack, StackItem } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { ErasureCaseSummary } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { Clock, clockWords } from "./clock.tsx";
import { ErasureFrame } from "./frame.tsx";
import { PublicPage } from "./public-page-card.tsx";
import { RecordDialog } from "./record-dialog.tsx";
import { channelWords, lawWords, stateWords } from "./words.ts";

const columns: readonly Column<ErasureCaseSummary>[] = [
  {
    key: "request",
    title: "Received",
    sort: "receivedAt",
    cell: ({ caseId, receivedAt }) => (
      <Link to={`/erasure-requests/${caseId}`}>
        <Time at={receivedAt} />
      </Link>
    ),
    text: ({ receivedAt }) => receivedAt,
  },
  { key: "clock", title: "Time left", sort: "dueOn", cell: (each) => <Clock of={each} />, text: clockWords },
  { key: "dueOn", title: "Answer by", cell: ({ dueOn }) => dueOn, text: ({ dueOn }) => dueOn },
  {
    key: "state",
    title: "State",
    sort: "state",
    cell: ({ state }) => stateWords[state],
    text: ({ state }) => state,
  },
  {
    key: "channel",
    title: "Came by",
    cell: ({ channel }) => channelWords[channel],
    text: ({ channel }) => channel,
  },
  { key: "law", title: "Law", cell: ({ law }) => lawWords[law], text: ({ law }) => law },
  {
    key: "closed",
    title: "Closed",
    sort: "closedAt",
    hidden: true,
    cell: ({ closedAt }) => (closedAt ? <Time at={closedAt} /> : "open"),
    text: ({ closedAt }) => closedAt,
  },
  {
    key: "id",
    title: "Reference",
    hidden: true,
    cell: ({ caseId }) => <span className="ls-mono">{caseId}</span>,
    text: ({ caseId }) => caseId,
  },
];

export function Page() {
  const { access } = useSession();
  const [isRecording, setRecording] = useState(false);
  const record = access["erasures:write"] === "all" && (
    <Button onClick={() => setRecording(true)}>Record a request</Button>
  );
  return (
    <ErasureFrame tab="erasure-requests">
      <Stack hasGutter>
        <StackItem>
          <PublicPage />
        </StackItem>
        <StackItem>
          <DataTable<ErasureCaseSummary>
            label="Erasure requests"
            path="erasure-cases"
            field="cases"
            sortedBy="dueOn"
            columns={columns}
            filters={[
              {
                name: "open",
                label: "State",
                kind: "choice",
                options: [
                  { value: "true", label: "Open" },
                  { value: "false", label: "Open and closed" },
                ],
              },
            ]}
            rowKey={({ caseId }) => caseId}
            actions={record}
            empty={{
              title: "Nobody waits for an answer",
              body: "Requests come by the public page, or are recorded here when they come by letter, by telephone or in person.",
              action: record,
            }}
          />
        </StackItem>
      </Stack>
      {isRecording && <RecordDialog onClose={() => setRecording(false)} />}
    </ErasureFrame>
  );
}
