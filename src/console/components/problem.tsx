import { Alert, AlertActionLink, Content } from "@patternfly/react-core";
import { ApiProblem } from "../api/client.ts";

/** What went wrong, what was found and expected, what to do, and the id to quote. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = error instanceof ApiProblem ? error.problem : undefined;
  const title = problem?.title ?? "The appliance did not answer";
  return (
    <Alert
      variant="danger"
      isInline
      title={title}
      {...(onRetry && { actionLinks: <AlertActionLink onClick={onRetry}>Try again</AlertActionLink> })}
    >
      {problem?.detail && <Content component="p">{problem.detail}</Content>}
      {problem?.found && <Content component="p">Found: {problem.found}</Content>}
      {problem?.expected && <Content component="p">Expected: {problem.expected}</Content>}
      <Content component="p">{problem?.remedy ?? (problem ? "" : "Check your connection and try again.")}</Content>
      {problem?.correlation && <Content component="small">Correlation {problem.correlation}</Content>}
    </Alert>
  );
}
