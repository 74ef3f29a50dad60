import {
  Alert,
  Button,
  Content,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  Spinner,
  Stack,
  StackItem,
} from "@patternfly/react-core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useId } from "react";
import { ask, get } from "../../api/client.ts";
import type { OpenedTest, Saml, SamlTest } from "../../api/types.ts";
import { ProblemAlert } from "../../components/problem.tsx";
import { TestResult } from "./saml-test-result.tsx";

const ASK_EVERY_MS = 2_000;

/** A sign-in at the provider in another window, which begins no session here; what came of it is told here. */
export function TestDialog({ saml, onClose }: { saml: Saml; onClose(): void }) {
  const titleId = useId();
  const opened = useMutation({
    mutationFn: async () => (await ask<OpenedTest>("saml/tests", { method: "POST" })).data,
  });
  const { mutate, data, error } = opened;
  useEffect(() => mutate(), [mutate]);
  const test = useQuery({
    queryKey: [`saml/tests/${data?.testId}`],
    queryFn: ({ signal }) => get<SamlTest>(`saml/tests/${data!.testId}`, { signal }),
    enabled: data !== undefined,
    refetchInterval: ({ state }) => (state.data?.result ? false : ASK_EVERY_MS),
  });
  const result = test.data?.result;
  return (
    <Modal isOpen variant="large" aria-labelledby={titleId} onClose={onClose}>
      <ModalHeader
        title="Try the sign-in"
        labelId={titleId}
        description="Somebody signs in at the provider in another window. Nobody gets an account or a session by it."
      />
      <ModalBody>
        {(error ?? test.error) && <ProblemAlert error={error ?? test.error} onRetry={() => mutate()} />}
        {data && !result && <Waits loginUrl={data.loginUrl} />}
        {result && <TestResult result={result} issuer={saml.configuration!.settings.idp.entityId} />}
      </ModalBody>
      <ModalFooter>
        {result && (
          <Button variant="secondary" onClick={() => mutate()}>
            Try again
          </Button>
        )}
        <Button variant={result ? "primary" : "link"} onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function Waits({ loginUrl }: { loginUrl: string }) {
  return (
    <Stack hasGutter>
      <StackItem>
        <Button component="a" href={loginUrl} target="_blank" rel="noopener">
          Open the provider's sign-in
        </Button>
      </StackItem>
      <StackItem>
        <Content component="p">
          Use it within the hour, also in a private window for somebody else's account. This dialog may stay open:
        </Content>
      </StackItem>
      <StackItem>
        <Alert
          variant="info"
          isInline
          title="Waiting for the provider's answer"
          customIcon={<Spinner size="md" aria-label="Waiting for the provider's answer" />}
        />
      </StackItem>
    </Stack>
  );
}
