import {
  Alert,
  Card,
  CardBody,
  CardTitle,
  Content,
  DescriptionList,
  Grid,
  GridItem,
  Stack,
  StackItem,
} from "@patternfly/react-core";
import { useParams } from "react-router";
import type { ErasureCase, ErasureCertificate } from "../../api/types.ts";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { History } from "../ledger/history.tsx";
import { CaseActs } from "./case-acts.tsx";
import { Certificate } from "./certificate.tsx";
import { Clock } from "./clock.tsx";
import { channelWords, lawWords, methodWords, stateWords } from "./words.ts";

const byOf = ({ type, id }: { type: string; id: string }): string => `${type} ${id}`;

export function Page() {
  const { requestId = "" } = useParams();
  const path = `erasure-cases/${encodeURIComponent(requestId)}`;
  return (
    <Load<ErasureCase> path={path} label="Reading the request">
      {(found) => (
        <PageFrame
          title={found.content?.name ?? `Request of ${found.receivedAt.slice(0, 10)}`}
          above={[{ title: "Erasure requests", to: "/erasure-requests" }]}
          actions={<CaseActs of={found} />}
        >
          <Grid hasGutter>
            <GridItem lg={6}>
              <Facts of={found} />
            </GridItem>
            <GridItem lg={6}>
              <Words of={found} />
            </GridItem>
            {found.requests.length > 0 && (
              <GridItem>
                <Certificates path={`${path}/certificate`} caseId={found.caseId} />
              </GridItem>
            )}
            <GridItem>
              <History entityType="case" entityId={found.caseId} />
            </GridItem>
          </Grid>
        </PageFrame>
      )}
    </Load>
  );
}

function Facts({ of: found }: { of: ErasureCase }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Where it stands</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="State">{stateWords[found.state]}</Term>
          {found.closedAt === null && (
            <Term name="Time left">
              <Clock of={found} />
            </Term>
          )}
          <Term name="Answer by">
            {found.dueOn} ({lawWords[found.law]}
            {found.extended && ", extended"})
          </Term>
          <Term name="Received">
            <Time at={found.receivedAt} />
          </Term>
          <Term name="Came by">{channelWords[found.channel]}</Term>
          {found.confirmedAt && (
            <Term name="Address confirmed">
              <Time at={found.confirmedAt} />
            </Term>
          )}
          <Term name="Identity">
            {found.identity ? (
              <>
                {methodWords[found.identity.method] ?? found.identity.method}; seen by{" "}
                <Maker by={byOf(found.identity.by)} />, <Time at={found.identity.at} />
              </>
            ) : (
              "not checked yet"
            )}
          </Term>
          {found.decision && (
            <Term name="Decided">
              by <Maker by={byOf(found.decision.by)} />, <Time at={found.decision.at} />
            </Term>
          )}
          {found.closedAt && (
            <Term name="Closed">
              <Time at={found.closedAt} />
            </Term>
          )}
          <Term name="Reference">
            <span className="ls-mono">{found.caseId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function Words({ of: { content, state } }: { of: ErasureCase }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">What they ask</CardTitle>
      <CardBody>
        {content ? (
          <>
            <Content component="p" className="ls-break">
              {content.about}
            </Content>
            <DescriptionList isHorizontal isCompact>
              <Term name="Name">{content.name ?? "not given"}</Term>
              <Term name="E-mail">{content.email ?? "not given: answer by the way it came"}</Term>
            </DescriptionList>
          </>
        ) : (
          <Content component="p">Kept no longer: the request is closed.</Content>
        )}
        {state === "identified" && (
          <Alert
            variant="info"
            isInline
            title="Now it is to be decided: accept it and name what is erased, or refuse it."
          />
        )}
      </CardBody>
    </Card>
  );
}

type CaseCertificates = { certificates: ErasureCertificate[] };

function Certificates({ path, caseId }: { path: string; caseId: string }) {
  return (
    <Load<CaseCertificates> path={path} label="Reading the certificates">
      {({ certificates }) => (
        <Stack hasGutter>
          {certificates.map((certificate, n) => (
            <StackItem key={certificate.request.requestId}>
              <Certificate
                certificate={certificate}
                name={`erasure-certificate-${caseId}${certificates.length > 1 ? `-${n + 1}` : ""}`}
              />
            </StackItem>
          ))}
        </Stack>
      )}
    </Load>
  );
}
