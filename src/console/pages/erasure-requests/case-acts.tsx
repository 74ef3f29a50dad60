import { Button, Flex } from "@patternfly/react-core";
import { useState } from "react";
import type { ErasureCase } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { ReasonDialog } from "../../components/reason-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { AcceptDialog } from "./accept-dialog.tsx";
import { IdentityDialog } from "./identity-dialog.tsx";

const touches = ["erasure-cases", "ledger/rows"];

/** What can be done with a request in its state, by who may. */
export function CaseActs({ of: { caseId, state, extended, overdue } }: { of: ErasureCase }) {
  const { access } = useSession();
  const [dialog, setDialog] = useState<"identity" | "accept" | "extend" | "refuse" | null>(null);
  const ask = useAct(touches);
  const path = `erasure-cases/${caseId}`;
  const close = () => setDialog(null);
  const isOpen = state === "received" || state === "identifying" || state === "identified";
  if (access["erasures:write"] !== "all" || !isOpen) return null;
  return (
    <>
      {ask.error && <ProblemAlert error={ask.error} />}
      <Flex>
        {state === "identified" ? (
          <Button onClick={() => setDialog("accept")}>Accept…</Button>
        ) : (
          <Button onClick={() => setDialog("identity")}>Record the identity check…</Button>
        )}
        {state === "received" && (
          <Button
            variant="secondary"
            isLoading={ask.isPending}
            onClick={() => ask.mutate({ path: `${path}/identity-request`, method: "POST" })}
          >
            More was asked of them
          </Button>
        )}
        {!extended && !overdue && (
          <Button variant="secondary" onClick={() => setDialog("extend")}>
            Extend…
          </Button>
        )}
        <Button variant="danger" onClick={() => setDialog("refuse")}>
          Refuse…
        </Button>
      </Flex>
      {dialog === "identity" && <IdentityDialog caseId={caseId} onClose={close} />}
      {dialog === "accept" && <AcceptDialog caseId={caseId} onClose={close} />}
      {dialog === "extend" && (
        <ReasonDialog
          title="Extend the time to answer?"
          about="It can be extended once, when the request is complex or there are many. The person is told, with the reason."
          act="Extend"
          path={`${path}/extension`}
          touches={touches}
          help="Is told to the person, and goes into the ledger."
          onClose={close}
        />
      )}
      {dialog === "refuse" && (
        <ReasonDialog
          title="Refuse the request?"
          about="The person is told the reason, and where they can complain. Nothing is erased."
          act="Refuse"
          isDangerous
          path={`${path}/refusal`}
          touches={touches}
          help="Is told to the person, and goes into the ledger."
          onClose={close}
        />
      )}
    </>
  );
}
