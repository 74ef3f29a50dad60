import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { Navigate } from "react-router";
import { pages } from "./pages.tsx";
import { useCan, useSession } from "./session.tsx";

/** The first page that the person may see; a word, where there is none. */
export function FirstPage() {
  const can = useCan();
  const { tenant } = useSession();
  const first = pages.find(({ nav, permissions }) => nav && permissions.some((each) => can(each)));
  if (first) return <Navigate to={`/${first.path}`} replace />;
  return (
    <EmptyState titleText="Nothing is open to you yet" headingLevel="h1">
      <EmptyStateBody>
        You are signed in, but no role was given to you at {tenant.name}. Ask an owner or admin for one.
      </EmptyStateBody>
    </EmptyState>
  );
}
