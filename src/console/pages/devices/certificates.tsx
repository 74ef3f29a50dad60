import { Card, CardBody, CardTitle, Content, Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { DeviceDetail } from "../../api/types.ts";
import { Time } from "../../components/format.tsx";
import { Until } from "../../components/until.tsx";

/** What the device may show itself with. It renews by itself at half of a certificate's life. */
export function Certificates({ certificates }: Pick<DeviceDetail, "certificates">) {
  return (
    <Card>
      <CardTitle component="h2">Certificates</CardTitle>
      <CardBody>
        {certificates.length === 0 ? (
          <Content component="p">None yet: the device enrols with a code, or ties one of your own CA to it.</Content>
        ) : (
          <Table aria-label="Certificates" variant="compact">
            <Thead>
              <Tr>
                <Th>Issued</Th>
                <Th>Until</Th>
                <Th>Issuer</Th>
                <Th>Serial number</Th>
                <Th>Fingerprint (SHA-256)</Th>
              </Tr>
            </Thead>
            <Tbody>
              {certificates.map((each) => (
                <Tr key={each.fingerprint}>
                  <Td dataLabel="Issued">
                    <Time at={each.issuedAt} />
                  </Td>
                  <Td dataLabel="Until">
                    {each.revokedAt ? (
                      <Label isCompact status="danger">
                        revoked
                      </Label>
                    ) : (
                      <Until at={each.notAfter} />
                    )}
                  </Td>
                  <Td dataLabel="Issuer">
                    {each.commonName ? `your own CA: ${each.san ?? each.commonName}` : "this appliance"}
                  </Td>
                  <Td dataLabel="Serial number" modifier="breakWord">
                    <span className="ls-mono">{each.serial}</span>
                  </Td>
                  <Td dataLabel="Fingerprint (SHA-256)" modifier="breakWord">
                    <span className="ls-mono">{each.fingerprint}</span>
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        )}
      </CardBody>
    </Card>
  );
}
