import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { Navigate } from "react-router";
import { pages } from "./pages.tsx";
import { useMayOpen, useSession } from "./session.tsx";

/** The first page that the person may see; a word, where there is none. */
export function FirstPage() {
  const mayOpen = useMayOpen();
  const { tenant } = useSession();
  const first = pages.find((page) => page.nav && page.permissions.length > 0 && mayOpen(page));
  if (first) return <Navigate to={`/${first.path}`} replace />;
  return (
    <EmptyState titleText="Nothing is open to you yet" headingLevel="h1">
      <EmptyStateBody>
        You are signed in, but no role was given to you at {tenant.name}. Ask an owner or admin for one.
      </EmptyStateBody>
    </EmptyState>
  );
}
