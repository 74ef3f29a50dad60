import {
  Alert,
  Checkbox,
  FormFieldGroupExpandable,
  FormFieldGroupHeader,
  FormGroup,
  FormSection,
  FormSelect,
  FormSelectOption,
} from "@patternfly/react-core";
import { useState } from "react";
import type { LdapDirectory } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { useAct } from "../../components/use-act.ts";
import { blank, draftOf, type LdapDraft, type Product, presets, settingsOf } from "./ldap-draft.ts";
import { ProvisioningChoice } from "./provisioning-choice.tsx";

type Props = { directory?: LdapDirectory; onClose(): void };

/** Adds a directory, switched off, or changes one. */
export function DirectoryDialog({ directory, onClose }: Props) {
  const [draft, setDraft] = useState<LdapDraft>(directory ? draftOf(directory) : blank);
  const save = useAct<LdapDirectory>(["ldap/directories"], onClose);
  const set =
    <K extends keyof LdapDraft>(name: K) =>
    (value: LdapDraft[K]) =>
      setDraft((before) => ({ ...before, [name]: value }));
  const { name, password } = draft;
  const settings = settingsOf(draft, directory?.settings);
  const body = directory
    ? {
        name,
        enabled: directory.enabled,
        version: directory.version,
        settings,
        bindPassword: password === "" ? null : password,
      }
    : { name, settings, bindPassword: password };
  const needed = [name, draft.url, draft.bindDn, draft.userBase, draft.userFilter, draft.userName, draft.groupBase];
  return (
    <FormDialog
      title={directory ? `Change ${directory.name}` : "Add a directory"}
      about={directory ? "Holds from the next sign-in on." : "It stays switched off until you have tested it."}
      act="Save"
      isReady={needed.every((text) => text.trim() !== "") && (directory !== undefined || password !== "")}
      isBusy={save.isPending}
      error={save.error}
      onAct={() =>
        save.mutate({
          path: directory ? `ldap/directories/${directory.directoryId}` : "ldap/directories",
          method: directory ? "PUT" : "POST",
          body,
        })
      }
      onClose={onClose}
    >
      {!directory && (
        <ProductChoice onChoose={(product) => setDraft((before) => ({ ...before, ...presets[product] }))} />
      )}
      <Field label="Name" isRequired value={name} onChange={set("name")} help="As the sign-in page shows it." />
      <Connection draft={draft} set={set} isKnown={directory !== undefined} />
      <People draft={draft} set={set} />
      <Groups draft={draft} set={set} />
    </FormDialog>
  );
}

type Part = { draft: LdapDraft; set: <K extends keyof LdapDraft>(name: K) => (value: LdapDraft[K]) => void };

function ProductChoice({ onChoose }: { onChoose(product: Product): void }) {
  const [product, setProduct] = useState("");
  return (
    <FormGroup label="Kind of directory" fieldId="ldap-product">
      <FormSelect
        id="ldap-product"
        value={product}
        onChange={(_event, chosen) => {
          setProduct(chosen);
          onChoose(chosen as Product);
        }}
      >
        <FormSelectOption value="" label="Choose: it fills in what is usual" isDisabled />
        <FormSelectOption value="active-directory" label="Active Directory" />
        <FormSelectOption value="openldap" label="OpenLDAP" />
        <FormSelectOption value="freeipa" label="FreeIPA" />
      </FormSelect>
    </FormGroup>
  );
}

function Connection({ draft, set, isKnown }: Part & { isKnown: boolean }) {
  return (
    <FormSection title="Connection" titleElement="h2">
      <Field
        label="Address"
        isRequired
        value={draft.url}
        onChange={set("url")}
        help="ldaps://dc1.corp.example.org, or ldap://… for StartTLS. There is no way without TLS."
      />
      <Field
        label="Certificates of its CA (PEM)"
        isLong
        value={draft.caPem}
        onChange={set("caPem")}
        help="These alone are trusted. Empty: the well-known CAs."
      />
      <Field
        label="Service account"
        isRequired
        value={draft.bindDn}
        onChange={set("bindDn")}
        help="A distinguished name, or name@domain in Active Directory. It needs to read people and groups, nothing more."
      />
      <Field
        label="Its password"
        type="password"
        isRequired={!isKnown}
        value={draft.password}
        onChange={set("password")}
        help={
          isKnown
            ? "Empty keeps the stored one. It is asked for again when the address, the trust or the account changes."
            : "Kept encrypted, and never shown again."
        }
      />
    </FormSection>
  );
}

function People({ draft, set }: Part) {
  return (
    <FormSection title="People" titleElement="h2">
      <Field label="People are below" isRequired value={draft.userBase} onChange={set("userBase")} />
      <Field
        label="How a typed name is found"
        isRequired
        value={draft.userFilter}
        onChange={set("userFilter")}
        help="A filter; {user} stands for what was typed. It must find exactly one entry."
      />
      <FormGroup label="What names a person for good" fieldId="ldap-subject" isRequired>
        <FormSelect
          id="ldap-subject"
          value={draft.subjectAttribute}
          onChange={(_event, chosen) => set("subjectAttribute")(chosen as LdapDraft["subjectAttribute"])}
        >
          {(["objectGUID", "entryUUID", "ipaUniqueID", "nsUniqueId"] as const).map((each) => (
            <FormSelectOption key={each} value={each} label={each} />
          ))}
        </FormSelect>
      </FormGroup>
      <Field label="Attribute of the user name" isRequired value={draft.userName} onChange={set("userName")} />
      <Field label="Attribute of the display name" isRequired value={draft.displayName} onChange={set("displayName")} />
      <Field label="Attribute of the e-mail address" isRequired value={draft.email} onChange={set("email")} />
    </FormSection>
  );
}

function Groups({ draft, set }: Part) {
  return (
    <FormSection title="Groups and accounts" titleElement="h2">
      <Field label="Groups are below" isRequired value={draft.groupBase} onChange={set("groupBase")} />
      <Field label="Which entries are groups" isRequired value={draft.groupFilter} onChange={set("groupFilter")} />
      <Checkbox
        id="ldap-nested"
        label="Groups in groups count too"
        isChecked={draft.nested}
        onChange={(_event, is) => set("nested")(is)}
      />
      <ProvisioningChoice value={draft.provisioning} onChange={set("provisioning")} />
      <FormFieldGroupExpandable
        toggleAriaLabel="More about groups and the connection"
        header={<FormFieldGroupHeader titleText={{ text: "More about groups and the connection", id: "ldap-more" }} />}
      >
        <FormGroup label="How groups are found" fieldId="ldap-lookup">
          <FormSelect
            id="ldap-lookup"
            value={draft.lookup}
            onChange={(_event, chosen) => set("lookup")(chosen as LdapDraft["lookup"])}
          >
            <FormSelectOption value="auto" label="By what the directory is" />
            <FormSelectOption value="member" label="By the groups that name the person" />
            <FormSelectOption value="memberOf" label="By the person's memberOf" />
          </FormSelect>
        </FormGroup>
        <Field label="Attribute of members" value={draft.memberAttribute} onChange={set("memberAttribute")} />
        <Checkbox
          id="ldap-posix"
          label="Members are user names (posixGroup, memberUid)"
          isChecked={draft.memberIs === "userName"}
          onChange={(_event, is) => set("memberIs")(is ? "userName" : "dn")}
        />
        <Field
          label="Name that its certificate must have"
          value={draft.serverName}
          onChange={set("serverName")}
          help="Empty: the address' host."
        />
        <Field
          label="Milliseconds to wait for each answer"
          type="number"
          value={draft.timeoutMs}
          onChange={set("timeoutMs")}
        />
      </FormFieldGroupExpandable>
      {draft.lookup === "memberOf" && (
        <Alert
          variant="warning"
          isInline
          title="Only where the directory itself keeps memberOf: people must not be able to write it."
        />
      )}
    </FormSection>
  );
}
