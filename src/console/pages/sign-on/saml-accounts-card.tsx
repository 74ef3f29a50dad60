import {
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  Content,
  DescriptionList,
  FormGroup,
  Radio,
} from "@patternfly/react-core";
import { useState } from "react";
import { useCan } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Term } from "../../components/format.tsx";
import { ProvisioningChoice, provisioningWords } from "./provisioning-choice.tsx";
import { type SamlProps, useSamlSave } from "./use-saml-save.ts";

/** What of an assertion becomes an account here, and what must be signed. */
export function AccountsCard({ saml, etag }: SamlProps) {
  const can = useCan();
  const [isChanging, setChanging] = useState(false);
  const settings = saml.configuration?.settings;
  return (
    <Card isFullHeight>
      <CardHeader
        {...(settings &&
          can("sign-in:write") && {
            actions: {
              actions: (
                <Button variant="secondary" onClick={() => setChanging(true)}>
                  Change…
                </Button>
              ),
            },
          })}
      >
        <CardTitle component="h2">Attributes and accounts</CardTitle>
      </CardHeader>
      <CardBody>
        {settings ? (
          <DescriptionList isHorizontal>
            <Term name="Groups">{settings.attributes.groups ?? "none: roles are given by hand"}</Term>
            <Term name="User name">{settings.attributes.userName ?? "the NameID"}</Term>
            <Term name="Display name">{settings.attributes.displayName ?? "none"}</Term>
            <Term name="E-mail">{settings.attributes.email ?? "none"}</Term>
            <Term name="Somebody new">{provisioningWords[settings.provisioning]}</Term>
            <Term name="Must be signed">{profiles[settings.profile]}</Term>
            <Term name="Counts as second factor">{settings.secondFactorContexts.join(", ") || "nothing"}</Term>
          </DescriptionList>
        ) : (
          <Content component="p">Once the provider's metadata is imported.</Content>
        )}
      </CardBody>
      {isChanging && <AccountsDialog saml={saml} etag={etag} onClose={() => setChanging(false)} />}
    </Card>
  );
}

const profiles = {
  "response-and-assertion": "response and assertion",
  "assertion-only": "the assertion alone (weaker)",
} as const;

function AccountsDialog({ onClose, ...props }: SamlProps & { onClose(): void }) {
  const { attributes, ...settings } = props.saml.configuration!.settings;
  const [names, setNames] = useState({
    groups: attributes.groups ?? "",
    userName: attributes.userName ?? "",
    displayName: attributes.displayName ?? "",
    email: attributes.email ?? "",
  });
  const [provisioning, setProvisioning] = useState(settings.provisioning);
  const [profile, setProfile] = useState(settings.profile);
  const [contexts, setContexts] = useState(settings.secondFactorContexts.join("\n"));
  const { save, isBusy, error } = useSamlSave(props, onClose);
  const set = (name: keyof typeof names) => (value: string) => setNames((before) => ({ ...before, [name]: value }));
  const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
  return (
    <FormDialog
      title="Attributes and accounts"
      about="Names of attributes as the provider sends them: a test shows them all."
      act="Save"
      isReady
      isBusy={isBusy}
      error={error}
      onAct={() =>
        save({
          attributes: {
            groups: orNull(names.groups),
            userName: orNull(names.userName),
            displayName: orNull(names.displayName),
            email: orNull(names.email),
          },
          provisioning,
          profile,
          secondFactorContexts: contexts.split(/\s+/).filter((context) => context !== ""),
        })
      }
      onClose={onClose}
    >
      <Field
        label="Groups"
        value={names.groups}
        onChange={set("groups")}
        help="Its values are mapped to roles below."
      />
      <Field label="User name" value={names.userName} onChange={set("userName")} help="Empty: the NameID." />
      <Field label="Display name" value={names.displayName} onChange={set("displayName")} />
      <Field label="E-mail" value={names.email} onChange={set("email")} />
      <ProvisioningChoice value={provisioning} onChange={setProvisioning} />
      <FormGroup role="radiogroup" label="What the provider must sign">
        <Radio
          id="profile-both"
          name="profile"
          label="Response and assertion"
          isChecked={profile === "response-and-assertion"}
          onChange={() => setProfile("response-and-assertion")}
        />
        <Radio
          id="profile-assertion"
          name="profile"
          label="The assertion alone"
          description="Weaker: status and destination are then nobody's word. For providers that cannot sign responses."
          isChecked={profile === "assertion-only"}
          onChange={() => setProfile("assertion-only")}
        />
      </FormGroup>
      <Field
        label="Ways of signing in that count as a second factor"
        isLong
        value={contexts}
        onChange={setContexts}
        help="Values of AuthnContextClassRef, one a line, by which the provider says that it asked for one."
      />
    </FormDialog>
  );
}
