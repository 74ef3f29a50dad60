import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Grid,
  GridItem,
} from "@patternfly/react-core";
import { useState } from "react";
import type { LdapDirectory } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Load } from "../../components/load.tsx";
import { DirectoryCard } from "./ldap-directory-card.tsx";
import { DirectoryDialog } from "./ldap-directory-dialog.tsx";
import { MappingCard } from "./mapping-card.tsx";

export function LdapTab() {
  const can = useCan();
  const [isAdding, setAdding] = useState(false);
  const add = can("sign-in:write") && (
    <Button variant="secondary" onClick={() => setAdding(true)}>
      Add a directory…
    </Button>
  );
  return (
    <Load<{ directories: LdapDirectory[] }> path="ldap/directories" label="Reading the directories">
      {({ directories }) => (
        <Grid hasGutter>
          {directories.length === 0 ? (
            <GridItem>
              <EmptyState titleText="No directory yet" headingLevel="h2" variant="sm">
                <EmptyStateBody>
                  For networks without an identity provider: people type name and password of their company's directory,
                  over TLS, and its groups give them roles.
                </EmptyStateBody>
                <EmptyStateFooter>
                  <EmptyStateActions>{add}</EmptyStateActions>
                </EmptyStateFooter>
              </EmptyState>
            </GridItem>
          ) : (
            <>
              {directories.map((directory) => (
                <GridItem key={directory.directoryId} xl={6}>
                  <DirectoryCard directory={directory} />
                </GridItem>
              ))}
              <GridItem>{add}</GridItem>
              <GridItem>
                <MappingCard
                  kind="ldap"
                  sources={directories.map(({ directoryId, name }) => ({ issuer: directoryId, name }))}
                />
              </GridItem>
            </>
          )}
          {isAdding && <DirectoryDialog onClose={() => setAdding(false)} />}
        </Grid>
      )}
    </Load>
  );
}
