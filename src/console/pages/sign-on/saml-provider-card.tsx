import { Button, Card, CardBody, CardHeader, CardTitle, Content, DescriptionList } from "@patternfly/react-core";
import { useState } from "react";
import { useCan } from "../../app/session.tsx";
import { Term } from "../../components/format.tsx";
import { Certificates } from "./certificates.tsx";
import { ImportDialog } from "./saml-import-dialog.tsx";
import type { SamlProps } from "./use-saml-save.ts";

/** The identity provider as it is configured, and the certificates that are believed. */
export function ProviderCard({ saml, etag }: SamlProps) {
  const can = useCan();
  const [isImporting, setImporting] = useState(false);
  const { configuration, certificates, keys } = saml;
  const mayImport = can("sign-in:write") && keys.length > 0;
  return (
    <Card isFullHeight>
      <CardHeader
        {...(mayImport && {
          actions: {
            actions: (
              <Button variant="secondary" onClick={() => setImporting(true)}>
                Import metadata…
              </Button>
            ),
          },
        })}
      >
        <CardTitle component="h2">The provider</CardTitle>
      </CardHeader>
      <CardBody>
        {configuration ? (
          <>
            <DescriptionList>
              <Term name="Entity id">
                <span className="ls-break">{configuration.settings.idp.entityId}</span>
              </Term>
              <Term name="Where people sign in">
                <span className="ls-break">{configuration.settings.idp.ssoUrl}</span>
              </Term>
            </DescriptionList>
            <Certificates label="The provider's certificates" certificates={certificates} />
            <Content component="small">
              Any of these may sign. When the provider announces a new one, import its metadata again and keep both
              until the old one signs no more.
            </Content>
          </>
        ) : (
          <Content component="p">
            No provider yet. Its metadata is an XML file or address that its administration offers.
          </Content>
        )}
      </CardBody>
      {isImporting && <ImportDialog saml={saml} etag={etag} onClose={() => setImporting(false)} />}
    </Card>
  );
}
