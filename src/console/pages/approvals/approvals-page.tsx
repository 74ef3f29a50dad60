import { Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import { Link, useSearchParams } from "react-router";
import type { SeenApproval } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { ApprovalState, standingWords, stateOptions, stateWords } from "./approval-words.tsx";
import { askWords, stakesWords } from "./ask-words.ts";
import { Rules } from "./rules.tsx";

const what: Column<SeenApproval> = {
  key: "what",
  title: "What would happen",
  cell: (approval) => (
    <>
      <Link to={`/access/approvals/${approval.approvalId}`}>{askWords(approval)}</Link>
      <br />
      <small className="ls-quiet">{stakesWords(approval)}</small>
    </>
  ),
  text: askWords,
};
const who: Column<SeenApproval> = {
  key: "who",
  title: "Asked by",
  cell: ({ requestedBy: { type, id } }) => <Maker by={`${type} ${id}`} />,
  text: ({ requestedBy: { type, id } }) => `${type} ${id}`,
};
const when: Column<SeenApproval> = {
  key: "when",
  title: "Asked",
  cell: ({ requestedAt }) => <Time at={requestedAt} />,
  text: ({ requestedAt }) => requestedAt,
};
const waitingColumns: readonly Column<SeenApproval>[] = [
  what,
  who,
  when,
  {
    key: "until",
    title: "Until",
    cell: ({ expiresAt }) => <Time at={expiresAt} />,
    text: ({ expiresAt }) => expiresAt,
  },
  { key: "standing", title: "Whom it waits for", cell: standingWords, text: ({ standing }) => standing },
];
const allColumns: readonly Column<SeenApproval>[] = [
  what,
  who,
  when,
  {
    key: "state",
    title: "How it ended",
    cell: ({ state }) => <ApprovalState state={state} />,
    text: ({ state }) => stateWords(state),
  },
  {
    key: "decidedBy",
    title: "Decided by",
    cell: ({ decidedBy }) => decidedBy && <Maker by={`user ${decidedBy}`} />,
    text: ({ decidedBy }) => decidedBy,
  },
  {
    key: "decidedAt",
    title: "Decided",
    cell: ({ decidedAt }) => decidedAt && <Time at={decidedAt} />,
    text: ({ decidedAt }) => decidedAt,
  },
];

const tabs = ["waiting", "all", "rules"] as const;

export function Page() {
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((each) => each === search.get("show")) ?? "waiting";
  return (
    <PageFrame
      title="Approvals"
      about="Acts of high stakes wait here until a second person has read what would happen and agrees. Then they are done at once."
    >
      <Tabs
        aria-label="Approvals"
        mountOnEnter
        unmountOnExit
        activeKey={tab}
        onSelect={(_event, key) => setSearch(key === "waiting" ? {} : { show: String(key) })}
      >
        <Tab eventKey="waiting" title={<TabTitleText>Waiting</TabTitleText>}>
          {tab === "waiting" && (
            <div className="ls-above">
              <DataTable<SeenApproval>
                label="Waiting requests"
                path="approvals"
                field="approvals"
                query={{ state: "pending" }}
                columns={waitingColumns}
                rowKey={({ approvalId }) => approvalId}
                refreshSeconds={15}
                empty={{ title: "Nothing waits", body: "When somebody asks for an act of high stakes, it shows here." }}
              />
            </div>
          )}
        </Tab>
        <Tab eventKey="all" title={<TabTitleText>All requests</TabTitleText>}>
          {tab === "all" && (
            <div className="ls-above">
              <DataTable<SeenApproval>
                label="Requests"
                path="approvals"
                field="approvals"
                columns={allColumns}
                filters={[{ name: "state", label: "How it ended", kind: "choice", options: stateOptions }]}
                rowKey={({ approvalId }) => approvalId}
                empty={{ title: "No request yet", body: "Nobody has asked for an act of high stakes." }}
              />
            </div>
          )}
        </Tab>
        <Tab eventKey="rules" title={<TabTitleText>What needs a second person</TabTitleText>}>
          {tab === "rules" && <Rules />}
        </Tab>
      </Tabs>
    </PageFrame>
  );
}
