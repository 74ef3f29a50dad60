import { useState } from "react";
import type { CreatedApiKey } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { ShownKey } from "../api-keys/key-acts.tsx";

/** A key whose one permission is scim:provision, over all sites. */
export function MakeTokenDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const [networks, setNetworks] = useState("");
  const [lastDay, setLastDay] = useState("");
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const make = useAct<CreatedApiKey>(["provisioning", "api-keys"], ({ data }) => setMade(data));
  if (made) return <ShownKey made={made} onClose={onClose} />;
  const allowed = networks.split(/[\s,]+/).filter((network) => network !== "");
  const body = {
    name: name.trim(),
    permissions: ["scim:provision"],
    // A directory goes on when who set it up leaves, and must not end its own token by ending their account.
    holder: "tenant",
    ipAllowlist: allowed.length > 0 ? allowed : null,
    expiresAt: lastDay === "" ? null : `${lastDay}T23:59:59Z`,
  };
  return (
    <FormDialog
      title="Make a token for a directory"
      about="It keeps people and groups, and opens nothing else. It stays when people leave. It is shown once."
      act="Make the token"
      isReady={body.name !== ""}
      isBusy={make.isPending}
      error={make.error}
      onAct={() => make.mutate({ path: "api-keys", method: "POST", body })}
      onClose={onClose}
    >
      <Field label="Directory" isRequired value={name} onChange={setName} help="Such as Entra ID or Okta." />
      <Field
        label="Networks it may come from"
        isLong
        value={networks}
        onChange={setNetworks}
        help="One a line, such as 10.1.0.0/16. Empty: from anywhere."
      />
      <Field label="Last day, UTC" type="date" value={lastDay} onChange={setLastDay} help="Empty: without end." />
    </FormDialog>
  );
}
