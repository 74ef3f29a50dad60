import {
  ActionList,
  ActionListItem,
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  DescriptionList,
  Label,
} from "@patternfly/react-core";
import { useState } from "react";
import type { LdapDirectory } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Term, Time } from "../../components/format.tsx";
import { useAct } from "../../components/use-act.ts";
import { DirectoryDialog } from "./ldap-directory-dialog.tsx";
import { ProbeDialog } from "./ldap-probe-dialog.tsx";
import { provisioningWords } from "./provisioning-choice.tsx";

type Open = "change" | "test" | "switch" | "remove" | null;

export function DirectoryCard({ directory }: { directory: LdapDirectory }) {
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { name, enabled, settings, changedAt } = directory;
  const acts: readonly { act: Open; label: string }[] = [
    { act: "test", label: "Test…" },
    { act: "switch", label: enabled ? "Switch it off…" : "Switch it on…" },
    { act: "change", label: "Change…" },
    { act: "remove", label: "Remove…" },
  ];
  return (
    <Card isFullHeight>
      <CardHeader>
        <CardTitle component="h2">
          {name}{" "}
          <Label isCompact {...(enabled && { status: "success" })}>
            {enabled ? "in use" : "switched off"}
          </Label>
        </CardTitle>
      </CardHeader>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Address">{settings.url}</Term>
          <Term name="Trusts">{settings.caPem ? "the CA that was given" : "well-known CAs"}</Term>
          <Term name="Service account">{settings.bindDn}</Term>
          <Term name="People">{settings.userBase}</Term>
          <Term name="Groups">{settings.groups.base}</Term>
          <Term name="Somebody new">{provisioningWords[settings.provisioning]}</Term>
          <Term name="Last changed">
            <Time at={changedAt} />
          </Term>
        </DescriptionList>
        {can("sign-in:write") && (
          <ActionList className="pf-v6-u-mt-md">
            {acts.map(({ act, label }) => (
              <ActionListItem key={act}>
                <Button variant="secondary" isDanger={act === "remove"} onClick={() => setOpen(act)}>
                  {label}
                </Button>
              </ActionListItem>
            ))}
          </ActionList>
        )}
      </CardBody>
      {open === "change" && <DirectoryDialog directory={directory} onClose={close} />}
      {open === "test" && <ProbeDialog directory={directory} onClose={close} />}
      {open === "switch" && <SwitchDialog directory={directory} onClose={close} />}
      {open === "remove" && <RemoveDialog directory={directory} onClose={close} />}
    </Card>
  );
}

type Props = { directory: LdapDirectory; onClose(): void };

function SwitchDialog({ directory: { directoryId, name, enabled, version, settings }, onClose }: Props) {
  const act = useAct(["ldap/directories"], onClose);
  return (
    <FormDialog
      title={enabled ? `Switch ${name} off?` : `Switch ${name} on?`}
      about={
        enabled
          ? "Nobody can sign in by it from then on. Sessions that are open go on."
          : "The sign-in page offers it. Test it first: whoever has a mapped group gets in."
      }
      act={enabled ? "Switch off" : "Switch on"}
      isDangerous={enabled}
      isReady
      isBusy={act.isPending}
      error={act.error}
      onAct={() =>
        act.mutate({
          path: `ldap/directories/${directoryId}`,
          method: "PUT",
          body: { name, enabled: !enabled, version, settings },
        })
      }
      onClose={onClose}
    />
  );
}

function RemoveDialog({ directory: { directoryId, name }, onClose }: Props) {
  const act = useAct(["ldap/directories", "directory/mapping"], onClose);
  return (
    <FormDialog
      title={`Remove ${name}?`}
      about="Its people can sign in no more, and lose at once what its groups gave. Their accounts stay until somebody ends them."
      act="Remove"
      isDangerous
      isReady
      isBusy={act.isPending}
      error={act.error}
      onAct={() => act.mutate({ path: `ldap/directories/${directoryId}`, method: "DELETE" })}
      onClose={onClose}
    />
  );
}
