import { EmptyState, EmptyStateBody } from "@patternfly/react-core";
import { Navigate } from "react-router";
import { Waiting } from "../components/waiting.tsx";
import { pages } from "./pages.tsx";
import { useMayOpen, useSession } from "./session.tsx";

/** The first page that the person may see; a word, where there is none. */
export function FirstPage() {
  const mayOpen = useMayOpen();
  const { tenant, access } = useSession();
  const held = Object.keys(access);
  const first = pages.find((page) => page.nav && page.permissions.length > 0 && mayOpen(page));
  if (first) return <Navigate to={`/${first.path}`} replace />;
  // The appliance's operator has no tenant's content to see.
  if (held.length > 0 && held.every((permission) => permission.startsWith("appliance:"))) {
    window.location.assign("/account");
    return <Waiting label="Opening your account" />;
  }
  return (
    <EmptyState titleText="Nothing is open to you yet" headingLevel="h1">
      <EmptyStateBody>
        You are signed in, but no role was given to you at {tenant.name}. Ask an owner or admin for one.
      </EmptyStateBody>
    </EmptyState>
  );
}
