import { Alert, Content, DescriptionList, ProgressStep, ProgressStepper } from "@patternfly/react-core";
import { useState } from "react";
import type { LdapDirectory, LdapProbe } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Term } from "../../components/format.tsx";
import { useAct } from "../../components/use-act.ts";
import { Gives } from "./gives.tsx";

/** Tries a directory step by step; nobody's password is needed. */
export function ProbeDialog({
  directory: { directoryId, name },
  onClose,
}: {
  directory: LdapDirectory;
  onClose(): void;
}) {
  const [userName, setUserName] = useState("");
  const probe = useAct<LdapProbe>([]);
  return (
    <FormDialog
      title={`Test ${name}`}
      about="Goes the way of a sign-in with the service account, and looks somebody up. Nobody's password is needed."
      act="Test"
      isReady
      isBusy={probe.isPending}
      error={probe.error}
      onAct={() =>
        probe.mutate({
          path: `ldap/directories/${directoryId}/test`,
          method: "POST",
          body: { userName: userName.trim() === "" ? null : userName.trim() },
        })
      }
      onClose={onClose}
    >
      <Field label="Name of somebody" value={userName} onChange={setUserName} help="As the person would type it." />
      {probe.data && <Steps probe={probe.data.data} issuer={directoryId} />}
    </FormDialog>
  );
}

const titles: Record<LdapProbe["steps"][number]["step"], string> = {
  address: "The address is known and may be reached",
  connect: "It answers",
  tls: "Its certificate is trusted",
  bind: "The service account gets in",
  search: "People are found",
  groups: "Groups are found",
};

function Steps({ probe: { steps, person }, issuer }: { probe: LdapProbe; issuer: string }) {
  const failed = steps.find(({ ok }) => !ok);
  return (
    <>
      <ProgressStepper isVertical isCompact aria-label="Steps">
        {steps.map(({ step, ok, message }) => (
          <ProgressStep
            key={step}
            id={`probe-${step}`}
            titleId={`probe-${step}-title`}
            variant={ok ? "success" : "danger"}
            description={message}
            aria-label={`${titles[step]}: ${ok ? "yes" : "no"}`}
          >
            {titles[step]}
          </ProgressStep>
        ))}
      </ProgressStepper>
      {failed?.remedy && (
        <Alert variant="warning" isInline title="What to do">
          <Content component="p">{failed.remedy}</Content>
        </Alert>
      )}
      {person && (
        <DescriptionList isHorizontal>
          <Term name="Entry">
            <span className="ls-break">{person.dn}</span>
          </Term>
          <Term name="Known for good as">
            <span className="ls-mono">{person.subject}</span>
          </Term>
          <Term name="May sign in">{person.disabled ? "no: the directory has disabled the account" : "yes"}</Term>
          <Term name="Groups">
            <span className="ls-break">{person.groups.length > 0 ? person.groups.join("; ") : "none"}</span>
          </Term>
          <Term name="Would get">
            <Gives kind="ldap" issuer={issuer} groups={person.groups} />
          </Term>
        </DescriptionList>
      )}
    </>
  );
}
