import { Card, CardBody, CardTitle, Content } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { CertificateDates, Health } from "../../api/types.ts";
import { Load } from "../../components/load.tsx";
import { Until } from "../../components/until.tsx";

type Use = {
  what: string;
  about: string;
  /** Days before its end that are too few: of what is renewed by itself. */
  soonDays?: number;
};
type Shown = Pick<CertificateDates, "subject" | "issuer" | "notAfter"> & Use;

/** What each certificate is for. */
const uses: Record<CertificateDates["use"], Use> = {
  https: { what: "HTTPS", about: "what browsers, programs and devices see" },
  "device-ca": { what: "Device CA", about: "signs the certificates of devices" },
  "customer-device-ca": { what: "Your own device CA", about: "devices with its certificates can be mapped" },
  worker: { what: "Worker", about: "by which the worker reaches the broker" },
  evidence: { what: "Evidence", about: "signs bundles (CMS)" },
  revocations: {
    what: "Revoked devices",
    about: "the list that the broker reads; renewed by itself every day",
    soonDays: 20,
  },
};

/** `broker`: its own, as devices see it. */
export function CertificatesCard({ broker }: { broker: Health["brokerCertificate"] }) {
  return (
    <Load<{ certificates: CertificateDates[] }> path="overview/certificates" label="Reading the certificates">
      {({ certificates }) => <CertificatesOf certificates={certificates} broker={broker} />}
    </Load>
  );
}

type All = { certificates: readonly CertificateDates[]; broker: Health["brokerCertificate"] };

export function CertificatesOf({ certificates, broker }: All) {
  const shown: readonly Shown[] = [
    ...certificates.map((each) => ({ ...each, ...uses[each.use] })),
    ...(broker ? [{ ...broker, what: "Broker", about: "what devices see there" }] : []),
  ];
  return (
    <Card>
      <CardTitle component="h2">Certificates</CardTitle>
      <CardBody>
        <Table aria-label="Certificates in use" variant="compact">
          <Thead>
            <Tr>
              <Th width={25}>For</Th>
              <Th>Subject</Th>
              <Th>Issued by</Th>
              <Th width={20}>Until</Th>
            </Tr>
          </Thead>
          <Tbody>
            {shown.map(({ what, about, subject, issuer, notAfter, soonDays }) => (
              <Tr key={`${what} ${subject}`}>
                <Td dataLabel="For">
                  {what}
                  <Content component="small">{about}</Content>
                </Td>
                <Td dataLabel="Subject" modifier="breakWord">
                  {subject}
                </Td>
                <Td dataLabel="Issued by" modifier="breakWord">
                  {subject === issuer ? "itself" : issuer}
                </Td>
                <Td dataLabel="Until">
                  <Until at={notAfter} {...(soonDays && { soonDays })} />
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </CardBody>
    </Card>
  );
}
