import { Label } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ReactNode } from "react";
import type { CertificateFacts } from "../../api/types.ts";
import { Until } from "../../components/until.tsx";

type Props = {
  label: string;
  certificates: readonly CertificateFacts[];
  /** Beside each, such as what becomes of it. */
  note?: (certificate: CertificateFacts) => ReactNode;
};

export function Certificates({ label, certificates, note }: Props) {
  return (
    <Table aria-label={label} variant="compact">
      <Thead>
        <Tr>
          <Th>Certificate</Th>
          <Th modifier="nowrap">Until</Th>
          {note && <Th modifier="nowrap">State</Th>}
        </Tr>
      </Thead>
      <Tbody>
        {certificates.map((each) => (
          <Tr key={each.fingerprint}>
            <Td dataLabel="Certificate" modifier="breakWord">
              {each.subject}
              <br />
              <span className="ls-mono ls-nowrap">{shortFingerprint(each.fingerprint)}</span>{" "}
              {each.warnings.filter(isNoDate).map((warning) => (
                <Label key={warning} isCompact status="warning">
                  {warning}
                </Label>
              ))}
            </Td>
            <Td dataLabel="Until">
              <Until at={each.notAfter} />
            </Td>
            {note && <Td dataLabel="State">{note(each)}</Td>}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

// What `Until` says already.
const isNoDate = (warning: string): boolean => !/^expire/.test(warning);

/** As people compare them: the beginning of the SHA-256, in pairs. */
export const shortFingerprint = (fingerprint: string): string =>
  `${(fingerprint.slice(0, 16).toUpperCase().match(/../g) ?? []).join(":")}…`;
