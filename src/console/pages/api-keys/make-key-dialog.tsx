import { Alert } from "@patternfly/react-core";
import { useState } from "react";
import type { CreatedApiKey } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { PermissionChoice } from "../../components/permission-choice.tsx";
import { SiteChoice } from "../../components/site-choice.tsx";
import { useAct } from "../../components/use-act.ts";
import { ShownKey } from "./key-acts.tsx";

/** Makes a key with at most what its maker may do, over at most the maker's sites. */
export function MakeKeyDialog({ onClose }: { onClose(): void }) {
  const { access } = useSession();
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<readonly string[]>([]);
  const [siteIds, setSiteIds] = useState<string[] | null>(access["api-keys:write"] === "all" ? null : []);
  const [networks, setNetworks] = useState("");
  const [origins, setOrigins] = useState("");
  const [lastDay, setLastDay] = useState("");
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const make = useAct<CreatedApiKey>(["api-keys"], ({ data }) => setMade(data));
  if (made) return <ShownKey made={made} onClose={onClose} />;
  const held = ["api-keys:write", ...permissions].map((permission) => access[permission]);
  const mayAll = held.every((sites) => sites === "all");
  const body = {
    name: name.trim(),
    permissions,
    siteIds,
    ipAllowlist: lines(networks).length > 0 ? lines(networks) : null,
    corsOrigins: lines(origins),
    expiresAt: lastDay === "" ? null : `${lastDay}T23:59:59Z`,
  };
  const isWhole = body.name !== "" && permissions.length > 0 && (siteIds === null ? mayAll : siteIds.length > 0);
  return (
    <FormDialog
      title="Make an API key"
      about="For a program, not for a person. It is shown once, can do no more than you can at any time, and ends with your account."
      act="Make the key"
      isReady={isWhole}
      isBusy={make.isPending}
      error={make.error}
      onAct={() => make.mutate({ path: "api-keys", method: "POST", body })}
      onClose={onClose}
    >
      <Field label="Name" isRequired value={name} onChange={setName} help="The program that will use it." />
      <PermissionChoice value={permissions} onChange={setPermissions} />
      <SiteChoice
        label="Where it may do so"
        value={siteIds}
        onChange={setSiteIds}
        mayAll={mayAll}
        isPossible={({ siteId }) => held.every((sites) => sites === "all" || sites?.includes(siteId))}
      />
      {siteIds === null && !mayAll && (
        <Alert
          variant="warning"
          isInline
          title="You have one of these permissions at some sites alone: choose sites."
        />
      )}
      <Field
        label="Networks it may come from"
        isLong
        value={networks}
        onChange={setNetworks}
        help="One a line, such as 10.1.0.0/16. Empty: from anywhere."
      />
      <Field
        label="Web pages that may use it"
        isLong
        value={origins}
        onChange={setOrigins}
        help="Origins, one a line, such as https://portal.example.org. Empty: no web page, programs alone."
      />
      <Field label="Last day, UTC" type="date" value={lastDay} onChange={setLastDay} help="Empty: without end." />
    </FormDialog>
  );
}

const lines = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
