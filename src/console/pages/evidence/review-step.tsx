import { Alert, DescriptionList, Stack, StackItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { ApprovalRules } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Term } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useSites } from "../../components/use-sites.ts";
import { type Draft, previousOf, siteNames, subjectsOf } from "./draft.ts";
import { scopeWords } from "./scope-step.tsx";

const contents = { all: "all of it", "no-context": "all but addresses and browsers", none: "held back" } as const;
const protection = {
  passphrase: "with a passphrase, which you have stored",
  recipient: "for a recipient's key",
  none: "none",
} as const;

/** All of it once more, before it is asked for. */
export function ReviewStep({ draft, error }: { draft: Draft; error: unknown }) {
  const sites = useSites();
  const subjects = subjectsOf(draft);
  const previous = previousOf(draft);
  return (
    <Stack hasGutter>
      {error ? (
        <StackItem>
          <ProblemAlert error={error} />
        </StackItem>
      ) : null}
      <StackItem>
        <DescriptionList isHorizontal>
          <Term name="Scope">{scopeWords(draft)}</Term>
          {draft.kind === "range" && <Term name="Sites">{siteNames(draft.sites, sites)}</Term>}
          {subjects.length > 0 && <Term name="Subjects">{subjects.join(", ")}</Term>}
          <Term name="Content of ledger rows">{contents[draft.contents]}</Term>
          <Term name="Images">{draft.images ? "in it" : "held back"}</Term>
          {previous.length > 0 && <Term name="Proof since">{previous.join(", ")} rows</Term>}
          <Term name="Encryption">
            {protection[draft.protection]}
            {draft.protection === "recipient" && <div className="ls-mono">{draft.recipient.trim()}</div>}
          </Term>
        </DescriptionList>
      </StackItem>
      <StackItem>
        <SecondPerson />
      </StackItem>
    </Stack>
  );
}

/** Whether somebody else must agree, as far as the person may know it before. */
function SecondPerson() {
  const can = useCan();
  const { data } = useQuery({
    queryKey: ["approval-rules"],
    queryFn: ({ signal }) => get<ApprovalRules>("approval-rules", { signal }),
    enabled: can("approvals:read"),
  });
  const rule = data?.rules.find(({ act }) => act === "evidence.export");
  const isNeeded = rule?.secondPerson === "on" || (rule?.secondPerson === "when-two" && data!.deciders >= 2);
  if (isNeeded) {
    return (
      <Alert variant="info" isInline title="Somebody else must agree before the bundle is made">
        Your request then waits under Approvals, and the bundle is made as soon as it is approved.
      </Alert>
    );
  }
  return (
    <Alert variant="info" isInline title="The bundle is verified here before it can be downloaded">
      Asking for it, making it and each download are rows of the ledger, by your name.
    </Alert>
  );
}
