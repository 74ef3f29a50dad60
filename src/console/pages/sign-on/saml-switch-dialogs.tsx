import { Alert, Checkbox, Content } from "@patternfly/react-core";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog.tsx";
import { type SamlProps, useSamlSave } from "./use-saml-save.ts";

type Props = SamlProps & { onClose(): void };

export function SwitchDialog({ onClose, ...props }: Props) {
  const { save, isBusy, error } = useSamlSave(props, onClose);
  const { enabled, enforce } = props.saml.configuration!.settings;
  return (
    <FormDialog
      title={enabled ? "Switch SAML off?" : "Switch SAML on?"}
      about={
        enabled
          ? "Nobody can sign in by the provider from then on. Sessions that are open go on; settings, keys and mapping stay."
          : "The sign-in page offers the provider first. Whoever has a mapped group, or was given a role, gets in."
      }
      act={enabled ? "Switch off" : "Switch on"}
      isDangerous={enabled}
      isReady
      isBusy={isBusy}
      error={error}
      onAct={() => save(enabled ? { enabled: false, enforce: false } : { enabled: true })}
      onClose={onClose}
    >
      {enforce && (
        <Alert variant="warning" isInline title="It is enforced: switching it off lets passwords and LDAP in again." />
      )}
    </FormDialog>
  );
}

export function EnforceDialog({ onClose, ...props }: Props) {
  const [isKnown, setKnown] = useState(false);
  const { save, isBusy, error } = useSamlSave(props, onClose);
  const { enforce } = props.saml.configuration!.settings;
  if (enforce) {
    return (
      <FormDialog
        title="Stop enforcing SAML?"
        about="Passwords and LDAP directories let people in again, beside the provider."
        act="Stop enforcing"
        isReady
        isBusy={isBusy}
        error={error}
        onAct={() => save({ enforce: false })}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title="Enforce SAML?"
      about="Passwords and LDAP are refused from the next sign-in on, to everybody but local owners."
      act="Enforce"
      isDangerous
      isReady={isKnown}
      isBusy={isBusy}
      error={error}
      onAct={() => save({ enforce: true })}
      onClose={onClose}
    >
      <Alert variant="warning" isInline title="When the provider is away, local owners are the only way in">
        <Content component="p">
          A local owner signs in with a password and a second factor of this appliance (break-glass); every use is told
          to the other owners and stands in the ledger. Keep both where you can reach them without the provider.
        </Content>
      </Alert>
      <Checkbox
        id="break-glass-known"
        label="I have tried the provider's sign-in, and a local owner can sign in here"
        isChecked={isKnown}
        onChange={(_event, is) => setKnown(is)}
      />
    </FormDialog>
  );
}
