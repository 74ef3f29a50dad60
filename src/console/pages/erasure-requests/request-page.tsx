import { Stack, StackItem } from "@patternfly/react-core";
import { useParams } from "react-router";
import type { ErasureCertificate } from "../../api/types.ts";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { History } from "../ledger/history.tsx";
import { Certificate } from "./certificate.tsx";
import { scopeWords } from "./words.ts";

export function Page() {
  const { requestId = "" } = useParams();
  return (
    <Load<ErasureCertificate>
      path={`erasure-requests/${encodeURIComponent(requestId)}`}
      label="Reading the certificate"
    >
      {(certificate) => (
        <PageFrame
          title={scopeWords(certificate.request)}
          above={[
            { title: "Erasure requests", to: "/erasure-requests" },
            { title: "What is erased for them", to: "/erasure-requests/direct" },
          ]}
        >
          <Stack hasGutter>
            <StackItem>
              <Certificate certificate={certificate} name={`erasure-certificate-${requestId}`} />
            </StackItem>
            <StackItem>
              <History entityType="request" entityId={requestId} />
            </StackItem>
          </Stack>
        </PageFrame>
      )}
    </Load>
  );
}
