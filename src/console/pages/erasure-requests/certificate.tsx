import {
  Alert,
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  Content,
  DescriptionList,
  Flex,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { Link } from "react-router";
import type { ErasureCertificate } from "../../api/types.ts";
import { countOf, formatBytes, formatCount, Term, Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { saveFile } from "../../components/save-file.ts";
import { requestStateWords, scopeWords } from "./words.ts";

/** What was erased, when, under which tombstones, and who had been given it before. To be kept as a file or on paper. */
export function Certificate({ certificate, name }: { certificate: ErasureCertificate; name: string }) {
  const { request, held, total, tombstones, disclosures, complete } = certificate;
  return (
    <Card>
      <CardHeader
        actions={{
          actions: (
            <Flex className="ls-no-print">
              <Button
                variant="secondary"
                onClick={() => saveFile(`${name}.json`, "application/json", JSON.stringify(certificate, null, 2))}
              >
                Download
              </Button>
              <Button variant="secondary" onClick={() => window.print()}>
                Print
              </Button>
            </Flex>
          ),
        }}
      >
        <CardTitle component="h2">Certificate of erasure</CardTitle>
      </CardHeader>
      <CardBody>
        {held.events > 0 && (
          <Alert variant="warning" isInline title={`Legal holds keep ${countOf(held.events, "event")} of it`}>
            They are erased by themselves when <Link to="/holds">{countOf(held.heldBy.length, "open hold")}</Link>{" "}
            {held.heldBy.length === 1 ? "is" : "are"} released.
          </Alert>
        )}
        {!complete && held.events === 0 && (
          <Alert variant="info" isInline title="Not everything is gone yet: the work goes on by itself." />
        )}
        <DescriptionList isHorizontal isCompact>
          <Term name="What">{scopeWords(request)}</Term>
          <Term name="State">{requestStateWords[request.state]}</Term>
          <Term name="Asked">
            <Time at={request.requestedAt} />, by <Maker by={`${request.requestedBy.type} ${request.requestedBy.id}`} />
            , <RowLink seq={request.seq} />
          </Term>
          {request.finishedAt && (
            <Term name="Done">
              <Time at={request.finishedAt} />
            </Term>
          )}
          <Term name="Erased">
            {countOf(total.events, "event")}, {countOf(total.images, "image")}, contents of{" "}
            {countOf(total.openings, "ledger row")}; {formatBytes(total.bytes)}
          </Term>
          <Term name="Reference">
            <span className="ls-mono">{request.requestId}</span>
          </Term>
        </DescriptionList>
        {tombstones.length > 0 && <Tombstones tombstones={tombstones} />}
        <Content component="h3">Who had been given it before</Content>
        {disclosures.length === 0 ? (
          <Content component="p">No export had it.</Content>
        ) : (
          <ul>
            {disclosures.map(({ exportId, madeAt, madeBy, certain }) => (
              <li key={exportId}>
                Export of <Time at={madeAt} /> by <Maker by={`${madeBy.type} ${madeBy.id}`} />,{" "}
                {certain ? "which had it" : "which may have had it"}. Copies outside are not erased.
              </li>
            ))}
          </ul>
        )}
        <Content component="small">
          Copies in backups go when the backups expire, and are erased again after a restore.
        </Content>
      </CardBody>
    </Card>
  );
}

function Tombstones({ tombstones }: Pick<ErasureCertificate, "tombstones">) {
  return (
    <Table aria-label="Tombstones" variant="compact">
      <Thead>
        <Tr>
          <Th>Erased</Th>
          <Th>Events</Th>
          <Th>Images</Th>
          <Th>Ledger contents</Th>
          <Th>Image files</Th>
          <Th>Tombstone</Th>
          <Th>Hash of its row</Th>
        </Tr>
      </Thead>
      <Tbody>
        {tombstones.map((each) => (
          <Tr key={each.erasureId}>
            <Td dataLabel="Erased">
              <Time at={each.at} />
            </Td>
            <Td dataLabel="Events">{formatCount(each.events)}</Td>
            <Td dataLabel="Images">{formatCount(each.images)}</Td>
            <Td dataLabel="Ledger contents">{formatCount(each.openings)}</Td>
            <Td dataLabel="Image files">{each.filesPending > 0 ? `${each.filesPending} to be removed` : "removed"}</Td>
            <Td dataLabel="Tombstone">
              <RowLink seq={each.seq} />
            </Td>
            <Td dataLabel="Hash of its row" modifier="breakWord">
              <span className="ls-mono">{each.rowHash}</span>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
