import { Checkbox, FormGroup, FormSelect, FormSelectOption } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get } from "../../api/client.ts";
import type { RegisteredDevice, Tenant } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { SecretOnce } from "../../components/secret-once.tsx";
import { useAct } from "../../components/use-act.ts";
import { useSites } from "../../components/use-sites.ts";

/** Makes a device and shows its code, once. */
export function EnrolDialog({ siteId, onClose }: { siteId?: string; onClose(): void }) {
  const sites = useSites();
  const can = useCan();
  const [site, setSite] = useState(siteId ?? "");
  const [name, setName] = useState("");
  const [isPlain, setPlain] = useState(false);
  const { data: tenant } = useQuery({
    queryKey: ["tenant"],
    queryFn: ({ signal }) => get<Tenant>("tenant", { signal }),
    enabled: can("tenant:read"),
  });
  const [made, setMade] = useState<RegisteredDevice | null>(null);
  const register = useAct<RegisteredDevice>(["devices", "setup", "overview"], ({ data }) => setMade(data));
  if (made) {
    const secret = "code" in made ? made.code : made.password;
    return (
      <SecretOnce
        title={`Enrol ${made.name}`}
        about={
          "code" in made
            ? "Scan or type this at the device within 72 hours. It works once, and is shown this once."
            : `The password of the user ${made.username}, to be set in the firmware. It is shown this once.`
        }
        secret={secret}
        onClose={onClose}
      />
    );
  }
  const possible = [...sites.values()].filter((each) => can("devices:write", each.siteId));
  return (
    <FormDialog
      title="Enrol a device"
      about="It makes its own key, which never leaves it, and gets a certificate for it."
      act={isPlain ? "Make the password" : "Make the code"}
      isReady={site !== "" && name.trim() !== ""}
      isBusy={register.isPending}
      error={register.error}
      onAct={() =>
        register.mutate({
          path: `sites/${site}/devices`,
          method: "POST",
          body: { name: name.trim(), access: isPlain ? "plain" : "mtls" },
        })
      }
      onClose={onClose}
    >
      {!siteId && (
        <FormGroup label="Site" fieldId="enrol-site" isRequired>
          <FormSelect id="enrol-site" value={site} onChange={(_event, chosen) => setSite(chosen)}>
            <FormSelectOption value="" label="Choose a site" isDisabled />
            {possible.map((each) => (
              <FormSelectOption key={each.siteId} value={each.siteId} label={each.name} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      <Field label="Name" isRequired value={name} onChange={setName} help="As people on the site call it." />
      {tenant?.plainMqtt && (
        <Checkbox
          id="enrol-plain"
          label="Plain firmware without certificates"
          description="It signs in by a password. What is lost on the way is not noticed: it is marked as best effort wherever it shows."
          isChecked={isPlain}
          onChange={(_event, is) => setPlain(is)}
        />
      )}
    </FormDialog>
  );
}
