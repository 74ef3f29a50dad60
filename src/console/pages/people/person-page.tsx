import { Alert, Card, CardBody, CardTitle, DescriptionList, Grid, GridItem } from "@patternfly/react-core";
import { useParams } from "react-router";
import type { User } from "../../api/types.ts";
import { useCan, useCanEverywhere } from "../../app/session.tsx";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { LedgerTerm } from "../../components/row-link.tsx";
import { PersonAccess } from "./person-access.tsx";
import { PersonActs } from "./person-acts.tsx";
import { PersonGroups } from "./person-groups.tsx";
import { PersonSessions } from "./person-sessions.tsx";
import { PersonSignIn } from "./person-sign-in.tsx";
import { PersonState, sourceWords } from "./person-words.tsx";

export function Page() {
  const { userId = "" } = useParams();
  return (
    <Load<User> path={`users/${encodeURIComponent(userId)}`} label="Reading the account">
      {(user) => <Person user={user} />}
    </Load>
  );
}

function Person({ user }: { user: User }) {
  const can = useCan();
  const seesAll = useCanEverywhere()("access:read");
  return (
    <PageFrame
      title={user.displayName}
      above={[{ title: "People", to: "/access/people" }]}
      actions={can("access:write") && <PersonActs user={user} />}
    >
      <Grid hasGutter>
        <WhatMayNotBeChanged user={user} />
        <GridItem {...(seesAll && { xl: 5 })}>
          <Card isFullHeight>
            <CardTitle component="h2">Account</CardTitle>
            <CardBody>
              <DescriptionList isHorizontal>
                <Term name="State">
                  <PersonState user={user} />
                </Term>
                <Term name="User name">{user.userName}</Term>
                <Term name="E-mail">{user.email ?? "none"}</Term>
                <Term name="Kept by">
                  {user.source === "local" ? "this appliance" : `your directory, by ${sourceWords(user.source)}`}
                </Term>
                <Term name="Since">
                  <Time at={user.createdAt} />
                </Term>
                <LedgerTerm type="user" id={user.userId} />
                <Term name="Id">
                  <span className="ls-mono">{user.userId}</span>
                </Term>
              </DescriptionList>
            </CardBody>
          </Card>
        </GridItem>
        {seesAll && (
          <GridItem xl={7}>
            <PersonSignIn user={user} />
          </GridItem>
        )}
        <GridItem>
          <PersonAccess user={user} />
        </GridItem>
        <GridItem {...(seesAll && { xl: 5 })}>
          <PersonGroups user={user} />
        </GridItem>
        {seesAll && (
          <GridItem xl={7}>
            <PersonSessions user={user} />
          </GridItem>
        )}
      </Grid>
    </PageFrame>
  );
}

/** What cannot be edited here, and why. */
function WhatMayNotBeChanged({ user: { source, active, erasedAt, deactivatedAt } }: { user: User }) {
  if (erasedAt) {
    return (
      <GridItem>
        <Alert variant="info" isInline title="This person was erased">
          On <Time at={erasedAt} />, by an erasure request. Names and addresses are gone, here and in the ledger's
          openings; the rows stay and still verify. The account never comes back: somebody who returns gets a new one.
        </Alert>
      </GridItem>
    );
  }
  return (
    <>
      {source !== "local" && (
        <GridItem>
          <Alert variant="info" isInline title={`Your directory keeps this account, by ${sourceWords(source)}`}>
            Name, address, password and whether it comes back after it was deactivated are the directory's: what it says
            next would undo a change made here. Roles are given here, and here one is put out at once.
          </Alert>
        </GridItem>
      )}
      {!active && deactivatedAt && (
        <GridItem>
          <Alert variant="warning" isInline title="Deactivated">
            Since <Time at={deactivatedAt} />. Nobody signs in by it, and what its roles allow is off until it is
            reactivated.
          </Alert>
        </GridItem>
      )}
    </>
  );
}
