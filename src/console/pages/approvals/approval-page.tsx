import {
  Alert,
  Button,
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  Flex,
  Grid,
  GridItem,
} from "@patternfly/react-core";
import { useState } from "react";
import { useParams } from "react-router";
import type { ApprovalDetail } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { permissionWords } from "../../components/permissions.ts";
import { LedgerTerm } from "../../components/row-link.tsx";
import { useSiteNames } from "../grants/grants-table.tsx";
import { ApprovalState, stateWords } from "./approval-words.tsx";
import { askWords, stakesWords } from "./ask-words.ts";
import { ApproveDialog, RefuseDialog, WithdrawDialog } from "./decide-dialogs.tsx";
import { WhatWouldHappen } from "./what-would-happen.tsx";

export function Page() {
  const { approvalId = "" } = useParams();
  return (
    <Load<ApprovalDetail> path={`approvals/${encodeURIComponent(approvalId)}`} label="Reading the request">
      {(approval) => (
        <PageFrame
          title={askWords(approval)}
          about={stakesWords(approval)}
          above={[{ title: "Approvals", to: "/access/approvals" }]}
        >
          <Grid hasGutter>
            <GridItem>
              <Decision approval={approval} />
            </GridItem>
            <GridItem xl={7}>
              <Card isFullHeight>
                <CardTitle component="h2">
                  {approval.state === "pending" ? "What would happen" : "What was asked for"}
                </CardTitle>
                <CardBody>
                  <WhatWouldHappen approval={approval} />
                </CardBody>
              </Card>
            </GridItem>
            <GridItem xl={5}>
              <About approval={approval} />
            </GridItem>
          </Grid>
        </PageFrame>
      )}
    </Load>
  );
}

function About({ approval }: { approval: ApprovalDetail }) {
  const sitesOf = useSiteNames();
  const { requestedBy, person, requestedAt, expiresAt, permission, siteIds, state, decidedBy, decidedAt } = approval;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">The request</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="State">
            <ApprovalState state={state} />
          </Term>
          <Term name="Asked by">
            <Maker by={`${requestedBy.type} ${requestedBy.id}`} />
            {requestedBy.type === "api-key" && person && (
              <>
                {" "}
                of <Maker by={`user ${person}`} />
              </>
            )}
          </Term>
          <Term name="Asked">
            <Time at={requestedAt} />
          </Term>
          {state === "pending" && (
            <Term name="Runs out">
              <Time at={expiresAt} />
            </Term>
          )}
          {decidedBy && (
            <Term name="Decided by">
              <Maker by={`user ${decidedBy}`} />
            </Term>
          )}
          {decidedAt && (
            <Term name="Ended">
              <Time at={decidedAt} />
            </Term>
          )}
          <Term name="Needs the right to">{permissionWords(permission).toLowerCase()}</Term>
          <Term name="At">{sitesOf(siteIds)}</Term>
          <LedgerTerm type="approval" id={approval.approvalId} />
          <Term name="Id">
            <span className="ls-mono">{approval.approvalId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

type Open = "approve" | "refuse" | "withdraw";

/** What whoever looks may do about it, or why nothing. */
function Decision({ approval }: { approval: ApprovalDetail }) {
  const can = useCan();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const { standing, state, aloneFrom } = approval;
  return (
    <>
      {standing === "may-decide" && can("approvals:decide") && (
        <Alert variant="warning" isInline title="This waits for you">
          Read what would happen. If you agree it is done at once, as it was asked for; nothing can be changed on the
          way.
          <Flex className="ls-below">
            <Button onClick={() => setOpen("approve")}>Approve…</Button>
            <Button variant="secondary" isDanger onClick={() => setOpen("refuse")}>
              Refuse…
            </Button>
          </Flex>
        </Alert>
      )}
      {(standing === "asked" || standing === "asked-alone") && (
        <Alert variant="info" isInline title="You asked for this: you cannot approve it yourself">
          {standing === "asked" ? (
            "Nobody decides on their own request, nor on one of a key that they made, in any session. Somebody else must agree."
          ) : (
            <>
              Nobody else could decide now. You may confirm it yourself from <Time at={aloneFrom!} /> on.
            </>
          )}
          <Flex className="ls-below">
            <Button variant="secondary" onClick={() => setOpen("withdraw")}>
              Take it back…
            </Button>
          </Flex>
        </Alert>
      )}
      {standing === "not-entitled" && (
        <Alert variant="info" isInline title="This waits for somebody else">
          Who decides on it may decide on requests of others, and may do the act itself, over all its sites.
        </Alert>
      )}
      {state !== "pending" && <Alert variant="info" isInline title={`This request has ended: ${stateWords(state)}`} />}
      {open === "approve" && <ApproveDialog approval={approval} onClose={close} />}
      {open === "refuse" && <RefuseDialog approval={approval} onClose={close} />}
      {open === "withdraw" && <WithdrawDialog approval={approval} onClose={close} />}
    </>
  );
}
