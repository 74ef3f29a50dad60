import { Alert, AlertActionLink, Checkbox, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useState } from "react";
import type { CertificateFacts, ProviderMetadata, SamlSettings } from "../../api/types.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { Certificates } from "./certificates.tsx";
import { type SamlProps, useSamlSave } from "./use-saml-save.ts";

type Props = SamlProps & { metadata: ProviderMetadata; onBack(): void; onClose(): void };
type Fate = "stays" | "new" | "goes";

/** What would be otherwise, before it is. */
export function ImportPreview({ metadata, onBack, onClose, ...props }: Props) {
  const now = props.saml.configuration?.settings.idp;
  const isSame = now?.entityId === metadata.entityId;
  const [keepsOld, setKeepsOld] = useState(isSame);
  const { save, isBusy, error } = useSamlSave(props, onClose);
  const { listed, fateOf, pems } = certificatesThen(props, metadata, keepsOld);
  const idp: SamlSettings["idp"] = { entityId: metadata.entityId, ssoUrl: metadata.ssoUrl, certificates: pems };
  const goes = listed.some((each) => fateOf(each) === "goes") || keepsOld;
  return (
    <FormDialog
      title="What the metadata would change"
      about={now ? undefined : "SAML stays switched off: try it before people sign in by it."}
      act="Save"
      isReady={pems.length <= MOST}
      isBusy={isBusy}
      error={error}
      onAct={() => save({ idp })}
      onClose={onClose}
    >
      {now && !isSame && (
        <Alert variant="danger" isInline title="This is another provider">
          A person is the provider's entity id and name there: nobody's account is found under the new one, and rules
          for the old one give nothing. Link accounts by hand, or let SCIM's ids link them.
        </Alert>
      )}
      {metadata.warnings.map((warning) => (
        <Alert key={warning} variant="warning" isInline title={`${warning[0]!.toUpperCase()}${warning.slice(1)}`} />
      ))}
      <Table aria-label="Before and after" variant="compact">
        <Thead>
          <Tr>
            <Th />
            <Th>Now</Th>
            <Th>Then</Th>
          </Tr>
        </Thead>
        <Tbody>
          <Change name="Entity id" before={now?.entityId} after={metadata.entityId} />
          <Change name="Where people sign in" before={now?.ssoUrl} after={metadata.ssoUrl} />
        </Tbody>
      </Table>
      <Certificates
        label="Certificates then"
        certificates={listed}
        note={(certificate) => <FateLabel fate={fateOf(certificate)} />}
      />
      {isSame && goes && (
        <Checkbox
          id="keep-old-certificates"
          label="Go on believing the present certificates too, until the provider signs with the new ones alone"
          isChecked={keepsOld}
          onChange={(_event, is) => setKeepsOld(is)}
        />
      )}
      {pems.length > MOST && <Alert variant="warning" isInline title={`At most ${MOST} certificates are believed.`} />}
      <Alert
        variant="info"
        isInline
        isPlain
        title="Not the right file?"
        actionLinks={<AlertActionLink onClick={onBack}>Read another</AlertActionLink>}
      />
    </FormDialog>
  );
}

const MOST = 10;

function certificatesThen({ saml }: SamlProps, { certificates }: ProviderMetadata, keepsOld: boolean) {
  const pemsNow = saml.configuration?.settings.idp.certificates ?? [];
  const old = saml.certificates.map((facts, index) => ({ facts, pem: pemsNow[index]! }));
  const has = (list: readonly { facts: CertificateFacts }[], { fingerprint }: CertificateFacts): boolean =>
    list.some(({ facts }) => facts.fingerprint === fingerprint);
  const onlyOld = old.filter(({ facts }) => !has(certificates, facts));
  const fateOf = (facts: CertificateFacts): Fate =>
    has(certificates, facts) ? (has(old, facts) ? "stays" : "new") : keepsOld ? "stays" : "goes";
  return {
    listed: [...certificates, ...onlyOld].map(({ facts }) => facts),
    fateOf,
    pems: [...certificates, ...(keepsOld ? onlyOld : [])].map(({ pem }) => pem),
  };
}

function FateLabel({ fate }: { fate: Fate }) {
  const status = { stays: undefined, new: "success", goes: "danger" } as const;
  return (
    <Label isCompact {...(status[fate] && { status: status[fate] })}>
      {fate}
    </Label>
  );
}

function Change({ name, before, after }: { name: string; before: string | undefined; after: string }) {
  return (
    <Tr>
      <Th>{name}</Th>
      <Td dataLabel="Now" modifier="breakWord">
        {before ?? "none"}
      </Td>
      <Td dataLabel="Then" modifier="breakWord">
        {before === after ? "the same" : <strong>{after}</strong>}
      </Td>
    </Tr>
  );
}
