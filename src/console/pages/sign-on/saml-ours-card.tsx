import { Alert, Button, Card, CardBody, CardTitle, DescriptionList } from "@patternfly/react-core";
import type { Saml } from "../../api/types.ts";
import { Copyable } from "../../components/copyable.tsx";
import { Term } from "../../components/format.tsx";

/** What the provider is told about us. */
export function OursCard({ saml: { addresses, keys } }: { saml: Saml }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">What the provider needs from us</CardTitle>
      <CardBody>
        <DescriptionList>
          <Term name="Entity id, audience">
            <Copyable label="Entity id">{addresses.entityId}</Copyable>
          </Term>
          <Term name="Assertion consumer service (HTTP-POST), reply URL">
            <Copyable label="Assertion consumer service">{addresses.acsUrl}</Copyable>
          </Term>
          <Term name="Sign-on URL">
            <Copyable label="Sign-on URL">{addresses.loginUrl}</Copyable>
          </Term>
          <Term name="All of it, with our certificates">
            {keys.length > 0 ? (
              <Button
                variant="secondary"
                component="a"
                href={new URL(addresses.entityId).pathname}
                download="ledgerstone-metadata.xml"
              >
                Download our metadata
              </Button>
            ) : (
              <Alert variant="info" isInline isPlain title="There is metadata once we have a key." />
            )}
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}
