import { Wizard, WizardStep } from "@patternfly/react-core";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { EvidenceExport } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useAct } from "../../components/use-act.ts";
import { DisclosureStep } from "./disclosure-step.tsx";
import { type Draft, disclosureFault, exportBody, newDraft, protectionFault, scopeFault } from "./draft.ts";
import { ProtectionStep } from "./protection-step.tsx";
import { ReviewStep } from "./review-step.tsx";
import { ScopeStep } from "./scope-step.tsx";

/** `?event=<id>`, one or more: an incident to begin with. */
export function Page() {
  const { access } = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const own = access["evidence:export"];
  const [draft, setDraft] = useState(() => newDraft(search.getAll("event"), own === "all" ? null : [...(own ?? [])]));
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const make = useAct<EvidenceExport>(
    ["exports"],
    ({ data }) => navigate(`/evidence/${data.exportId}`),
    () => navigate("/evidence"),
  );
  const isScoped = scopeFault(draft) === null;
  const isDisclosed = isScoped && disclosureFault(draft) === null;
  const isProtected = isDisclosed && protectionFault(draft) === null;
  return (
    <PageFrame
      title="New export"
      about="A bundle that somebody else checks without this appliance, without network and without trusting us."
      above={[{ title: "Evidence", to: "/evidence" }]}
    >
      <Wizard
        isVisitRequired
        navAriaLabel="Steps of the export"
        className="ls-wizard"
        onClose={() => navigate("/evidence")}
        onSave={() => make.mutate({ path: "exports", method: "POST", body: exportBody(draft) })}
      >
        <WizardStep id="scope" name="Scope" footer={{ isNextDisabled: !isScoped }}>
          <ScopeStep draft={draft} set={set} />
        </WizardStep>
        <WizardStep id="disclosure" name="Disclosure" isDisabled={!isScoped} footer={{ isNextDisabled: !isDisclosed }}>
          <DisclosureStep draft={draft} set={set} />
        </WizardStep>
        <WizardStep
          id="encryption"
          name="Encryption"
          isDisabled={!isDisclosed}
          footer={{ isNextDisabled: !isProtected }}
        >
          <ProtectionStep draft={draft} set={set} />
        </WizardStep>
        <WizardStep
          id="review"
          name="Review"
          isDisabled={!isProtected}
          footer={{
            nextButtonText: "Make the bundle",
            isNextDisabled: !isProtected || make.isPending,
            nextButtonProps: { isLoading: make.isPending },
          }}
        >
          <ReviewStep draft={draft} error={make.error} />
        </WizardStep>
      </Wizard>
    </PageFrame>
  );
}
