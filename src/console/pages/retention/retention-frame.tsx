import { Alert, AlertActionLink, Stack, StackItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { get } from "../../api/client.ts";
import type { RetentionState } from "../../api/types.ts";
import { useMayOpen, useSession } from "../../app/session.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { PageTabs } from "../../components/page-tabs.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { ReasonDialog } from "../../components/reason-dialog.tsx";
import { useAct } from "../../components/use-act.ts";

const tabs = [
  { path: "retention", title: "Policies", permissions: ["retention:read"] },
  { path: "retention/upcoming", title: "What goes next", permissions: ["retention:read"] },
  { path: "retention/erasures", title: "What was erased", permissions: ["erasures:read"] },
  { path: "retention/dead-letters", title: "Refused messages", permissions: ["events:read"] },
] as const;

/** What the lists of retention have above them: whether erasing goes on, and what is stuck. */
export function RetentionFrame({ tab, children }: { tab: (typeof tabs)[number]["path"]; children: ReactNode }) {
  const mayOpen = useMayOpen();
  const { access } = useSession();
  return (
    <PageFrame
      title="Retention"
      about="Each site keeps images and events for so many days. What is over is erased at UTC midnight and leaves a tombstone in the ledger."
    >
      <Stack hasGutter>
        {access["retention:read"] === "all" && (
          <StackItem>
            <State />
          </StackItem>
        )}
        <StackItem>
          <PageTabs label="Lists of retention" tabs={tabs.filter(mayOpen)} active={tab}>
            {children}
          </PageTabs>
        </StackItem>
      </Stack>
    </PageFrame>
  );
}

const waitsLongMs = 3_600_000;

function State() {
  const { access } = useSession();
  const mayAct = access["retention:write"] === "all";
  const [isConfirming, setConfirming] = useState(false);
  const { data } = useQuery({
    queryKey: ["retention/state"],
    queryFn: ({ signal }) => get<RetentionState>("retention/state", { signal }),
    refetchInterval: 30_000,
  });
  const retry = useAct(["retention/", "tasks"]);
  if (!data) return null;
  const { stop, files } = data;
  const isStuck =
    files.pending > 0 &&
    ((files.task?.attempts ?? 0) > 1 || Date.now() - Date.parse(files.oldestAt ?? "") > waitsLongMs);
  return (
    <>
      {stop && (
        <Alert
          variant="danger"
          isInline
          title="Nothing is erased until somebody confirms"
          {...(mayAct && {
            actionLinks: (
              <AlertActionLink onClick={() => setConfirming(true)}>Clock and policies are right…</AlertActionLink>
            ),
          })}
        >
          {stop[0]!.toUpperCase() + stop.slice(1)}.
        </Alert>
      )}
      {isStuck && (
        <Alert
          variant="warning"
          isInline
          title={`${formatCount(files.pending)} files of erased images could not be removed yet`}
          {...(mayAct && {
            actionLinks: (
              <AlertActionLink onClick={() => retry.mutate({ path: "retention/files/retry", method: "POST" })}>
                Try again now
              </AlertActionLink>
            ),
          })}
        >
          Their keys are gone, so nobody can read them.{" "}
          {files.task?.note && <>The last attempt said: {files.task.note}. </>}
          {files.task?.runAfter && (
            <>
              It is tried again at <Time at={files.task.runAfter} />.
            </>
          )}
        </Alert>
      )}
      {retry.error && <ProblemAlert error={retry.error} />}
      {isConfirming && (
        <ReasonDialog
          title="Let erasing go on?"
          about="The appliance stopped because its clock or the amount looked wrong. Look at the clock and at what goes next first: what is erased cannot come back."
          act="Let it go on"
          isDangerous
          path="retention/confirm"
          touches={["retention/", "tasks"]}
          onClose={() => setConfirming(false)}
        />
      )}
    </>
  );
}
