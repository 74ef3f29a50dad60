import { Button, Label } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { ErasureRequest } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { EraseDialog } from "./erase-dialog.tsx";
import { ErasureFrame } from "./frame.tsx";
import { requestStateWords, scopeWords } from "./words.ts";

const status = { done: "success", held: "warning", open: "info", cancelled: undefined } as const;

const columns: readonly Column<ErasureRequest>[] = [
  {
    key: "requested",
    title: "Asked",
    sort: "requestedAt",
    cell: ({ requestId, requestedAt }) => (
      <Link to={`/erasure-requests/direct/${requestId}`}>
        <Time at={requestedAt} />
      </Link>
    ),
    text: ({ requestedAt }) => requestedAt,
  },
  { key: "what", title: "What", cell: (each) => scopeWords(each), text: (each) => scopeWords(each) },
  {
    key: "state",
    title: "State",
    sort: "state",
    cell: ({ state }) => (
      <Label isCompact {...(status[state] && { status: status[state] })}>
        {requestStateWords[state]}
      </Label>
    ),
    text: ({ state }) => state,
  },
  {
    key: "case",
    title: "For",
    cell: ({ caseId }) => (caseId ? <Link to={`/erasure-requests/${caseId}`}>a person's request</Link> : "no case"),
    text: ({ caseId }) => caseId,
  },
  {
    key: "by",
    title: "Asked by",
    cell: ({ requestedBy: { type, id } }) => <Maker by={`${type} ${id}`} />,
    text: ({ requestedBy: { type, id } }) => `${type} ${id}`,
  },
  {
    key: "finished",
    title: "Done",
    sort: "finishedAt",
    cell: ({ finishedAt }) => (finishedAt ? <Time at={finishedAt} /> : null),
    text: ({ finishedAt }) => finishedAt,
  },
  { key: "row", title: "In the ledger", cell: ({ seq }) => <RowLink seq={seq} />, text: ({ seq }) => seq },
];

export function Page() {
  const { access } = useSession();
  const [isAsking, setAsking] = useState(false);
  const ask = access["erasures:write"] === "all" && (
    <Button variant="secondary" onClick={() => setAsking(true)}>
      Erase without a request…
    </Button>
  );
  return (
    <ErasureFrame tab="erasure-requests/direct">
      <DataTable<ErasureRequest>
        label="What is erased for requests"
        path="erasure-requests"
        field="requests"
        sortedBy="-requestedAt"
        columns={columns}
        rowKey={({ requestId }) => requestId}
        refreshSeconds={15}
        actions={ask}
        empty={{
          title: "Nothing was erased for a request",
          body: "An accepted request of a person stands here with its progress.",
        }}
      />
      {isAsking && <EraseDialog onClose={() => setAsking(false)} />}
    </ErasureFrame>
  );
}
