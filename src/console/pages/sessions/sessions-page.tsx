import { Label } from "@patternfly/react-core";
import { ActionsColumn } from "@patternfly/react-table";
import { useState } from "react";
import { Link } from "react-router";
import type { PersonsSession } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useAct } from "../../components/use-act.ts";
import { viaOptions, viaWords } from "./session-words.ts";

const columns: readonly Column<PersonsSession>[] = [
  {
    key: "person",
    title: "Person",
    sort: "person",
    cell: ({ userId, displayName, current }) => (
      <>
        <Link to={`/access/people/${userId}`}>{displayName}</Link> {current && <Label isCompact>this one</Label>}
      </>
    ),
    text: ({ displayName }) => displayName,
  },
  {
    key: "userName",
    title: "User name",
    hidden: true,
    cell: ({ userName }) => userName,
    text: ({ userName }) => userName,
  },
  {
    key: "device",
    title: "Device",
    cell: ({ device }) => <span className="ls-wide">{device}</span>,
    text: ({ device }) => device,
  },
  {
    key: "address",
    title: "Address",
    cell: ({ address }) => <span className="ls-nowrap">{address}</span>,
    text: ({ address }) => address,
  },
  {
    key: "via",
    title: "Signed in by",
    cell: ({ via }) => <span className="ls-nowrap">{viaWords(via)}</span>,
    text: ({ via }) => via,
  },
  {
    key: "strength",
    title: "Second factor",
    hidden: true,
    cell: ({ strength, via }) => (strength === 2 ? "shown" : via === "saml" ? "the provider's" : "not shown"),
    text: ({ strength }) => strength === 2,
  },
  {
    key: "since",
    title: "Since",
    sort: "createdAt",
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
  {
    key: "lastSeen",
    title: "Last seen",
    sort: "lastSeenAt",
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} />,
    text: ({ lastSeenAt }) => lastSeenAt,
  },
  {
    key: "ends",
    title: "Ends at the latest",
    sort: "expiresAt",
    hidden: true,
    cell: ({ expiresAt }) => <Time at={expiresAt} />,
    text: ({ expiresAt }) => expiresAt,
  },
];

type Ending = { session: PersonsSession; all: boolean };

export function Page() {
  const can = useCan();
  const self = useSession().user.userId;
  const [ending, setEnding] = useState<Ending | null>(null);
  return (
    <PageFrame
      title="Sessions"
      about="Who is signed in now, from where and since when. A session that is ended here ends with its next request."
    >
      <DataTable<PersonsSession>
        label="Sessions"
        path="tenant/sessions"
        field="sessions"
        columns={columns}
        sortedBy="-lastSeenAt"
        filters={[
          { name: "text", label: "Person or address", kind: "text" },
          { name: "via", label: "Signed in by", kind: "choice", options: viaOptions },
        ]}
        rowKey={({ sessionId }) => sessionId}
        refreshSeconds={30}
        {...(can("access:write") && {
          rowActions: (session: PersonsSession) =>
            session.current ? null : (
              <ActionsColumn
                items={[
                  { title: "End this session…", onClick: () => setEnding({ session, all: false }) },
                  ...(session.userId === self
                    ? []
                    : [
                        {
                          title: `Log ${session.displayName} out everywhere…`,
                          isDanger: true,
                          onClick: () => setEnding({ session, all: true }),
                        },
                      ]),
                ]}
              />
            ),
        })}
        empty={{ title: "Nobody is signed in", body: "Sessions show here as soon as people sign in." }}
      />
      {ending && <EndDialog {...ending} onClose={() => setEnding(null)} />}
    </PageFrame>
  );
}

function EndDialog({ session, all, onClose }: Ending & { onClose(): void }) {
  const { userId, sessionId, displayName, device, address } = session;
  const end = useAct(["tenant/sessions", "users"], onClose);
  const path = all ? `users/${userId}/log-out-everywhere` : `users/${userId}/sessions/${sessionId}`;
  return (
    <FormDialog
      title={all ? `Log ${displayName} out everywhere?` : `End this session of ${displayName}?`}
      about={
        all
          ? "All their sessions end with the next request. They may sign in again: to keep them out, deactivate the account."
          : `${device} at ${address}. Other sessions of theirs go on.`
      }
      act={all ? "Log out" : "End it"}
      isDangerous
      isReady
      isBusy={end.isPending}
      error={end.error}
      onAct={() => end.mutate({ path, method: all ? "POST" : "DELETE" })}
      onClose={onClose}
    />
  );
}
