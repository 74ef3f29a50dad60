import { EmptyState, EmptyStateBody, PageSection } from "@patternfly/react-core";
import { Link, useRouteError } from "react-router";
import { ProblemAlert } from "../components/problem.tsx";

export function NotFound() {
  return (
    <EmptyState titleText="There is no such page" headingLevel="h1">
      <EmptyStateBody>
        The address may be of an earlier release, or of something that is gone. <Link to="/">Go to the first page</Link>
        .
      </EmptyStateBody>
    </EmptyState>
  );
}

/** A page that failed leaves the frame around it standing. */
export function PageCrashed() {
  const error = useRouteError();
  return (
    <PageSection>
      <ProblemAlert error={error} onRetry={() => window.location.reload()} />
    </PageSection>
  );
}
