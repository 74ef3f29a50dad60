import { Alert, AlertActionLink, Grid, GridItem } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { useMayOpen, useSession } from "../../app/session.tsx";
import { useSetup } from "../../app/use-setup.ts";
import { PageFrame } from "../../components/page-frame.tsx";
import { DevicesCard } from "./devices-card.tsx";
import { ApprovalsCard, CasesCard, HoldsCard } from "./duty-cards.tsx";
import { CertificatesCard, ChainCard } from "./proof-cards.tsx";
import { ReceivedCard } from "./received-card.tsx";
import { ErasingCard, StorageCard } from "./retention-cards.tsx";

type Slot = { name: string; permission: string; wholeTenant?: true; wide?: true; card: ReactNode };

const slots: readonly Slot[] = [
  { name: "received", permission: "events:read", wide: true, card: <ReceivedCard /> },
  { name: "devices", permission: "devices:read", card: <DevicesCard /> },
  {
    name: "erasing",
    permission: "retention:read",
    wide: true,
    card: <ErasingCard more={{ to: "/retention", title: "Retention" }} />,
  },
  { name: "storage", permission: "retention:read", card: <StorageCard /> },
  { name: "holds", permission: "holds:read", card: <HoldsCard /> },
  {
    name: "cases",
    permission: "erasures:read",
    wholeTenant: true,
    card: <CasesCard more={{ to: "/erasure-requests", title: "Erasure requests" }} />,
  },
  {
    name: "approvals",
    permission: "approvals:read",
    card: <ApprovalsCard more={{ to: "/access/approvals", title: "Approvals" }} />,
  },
  { name: "chain", permission: "ledger:read", card: <ChainCard /> },
  { name: "certificates", permission: "tenant:read", card: <CertificatesCard /> },
];

/** How things stand, as far as the person may see. */
export function Page() {
  const mayOpen = useMayOpen();
  const { tenant } = useSession();
  const setup = useSetup();
  const navigate = useNavigate();
  const shown = slots.filter(({ permission, wholeTenant }) =>
    mayOpen({ permissions: [permission], ...(wholeTenant && { wholeTenant }) }),
  );
  return (
    <PageFrame title="Overview" about={`How things stand at ${tenant.name}, of the sites that are yours to see.`}>
      <Grid hasGutter>
        {setup?.open && (
          <GridItem>
            <Alert
              isInline
              variant="info"
              title={setup.siteId ? "The setup is not finished" : "Nothing comes in yet: set the appliance up first"}
              actionLinks={<AlertActionLink onClick={() => navigate("/setup")}>Go on with the setup</AlertActionLink>}
            >
              {setup.steps.filter(({ done, skipped }) => done || skipped).length} of {setup.steps.length} steps are
              done.
            </Alert>
          </GridItem>
        )}
        {shown.map(({ name, wide, card }) => (
          <GridItem key={name} md={wide ? 12 : 6} xl={wide ? 8 : 4}>
            {card}
          </GridItem>
        ))}
      </Grid>
    </PageFrame>
  );
}
