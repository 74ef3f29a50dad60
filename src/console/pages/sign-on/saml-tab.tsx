import { Grid, GridItem } from "@patternfly/react-core";
import type { Saml } from "../../api/types.ts";
import { ProblemAlert } from "../../components/problem.tsx";
import { useVersioned } from "../../components/use-versioned.ts";
import { Waiting } from "../../components/waiting.tsx";
import { MappingCard } from "./mapping-card.tsx";
import { AccountsCard } from "./saml-accounts-card.tsx";
import { KeysCard } from "./saml-keys-card.tsx";
import { OursCard } from "./saml-ours-card.tsx";
import { ProviderCard } from "./saml-provider-card.tsx";
import { StateCard } from "./saml-state-card.tsx";

export function SamlTab() {
  const { data: read, error, refetch } = useVersioned<Saml>("saml");
  if (!read) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <Waiting label="Reading the settings" />;
  const { data: saml, etag } = read;
  return (
    <Grid hasGutter>
      <GridItem>
        <StateCard saml={saml} etag={etag} />
      </GridItem>
      <GridItem xl={6}>
        <OursCard saml={saml} />
      </GridItem>
      <GridItem xl={6}>
        <ProviderCard saml={saml} etag={etag} />
      </GridItem>
      <GridItem xl={6}>
        <KeysCard saml={saml} />
      </GridItem>
      <GridItem xl={6}>
        <AccountsCard saml={saml} etag={etag} />
      </GridItem>
      <GridItem>
        <MappingCard kind="saml" sources={saml.configuration ? [issuerOf(saml.configuration.settings)] : []} />
      </GridItem>
    </Grid>
  );
}

const issuerOf = ({ idp: { entityId } }: NonNullable<Saml["configuration"]>["settings"]) => ({
  issuer: entityId,
  name: entityId,
});
