import {
  Button,
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  Flex,
  Grid,
  GridItem,
  Label,
  List,
  ListItem,
} from "@patternfly/react-core";
import { useState } from "react";
import { useParams } from "react-router";
import type { ApiKey } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { permissionWords } from "../../components/permissions.ts";
import { useSites } from "../../components/use-sites.ts";
import { RevokeKeyDialog, RotateKeyDialog } from "./key-acts.tsx";
import { isLive, StateLabel } from "./key-state.tsx";

export function Page() {
  const { keyId = "" } = useParams();
  return (
    <Load<ApiKey> path={`api-keys/${encodeURIComponent(keyId)}`} label="Reading the key">
      {(apiKey) => (
        <PageFrame
          title={apiKey.name}
          above={[{ title: "API keys", to: "/access/api-keys" }]}
          actions={<Acts apiKey={apiKey} />}
        >
          <Grid hasGutter>
            <GridItem xl={6}>
              <About apiKey={apiKey} />
            </GridItem>
            <GridItem xl={6}>
              <Rights apiKey={apiKey} />
            </GridItem>
          </Grid>
        </PageFrame>
      )}
    </Load>
  );
}

function Acts({ apiKey }: { apiKey: ApiKey }) {
  const can = useCan();
  const [open, setOpen] = useState<"rotate" | "revoke" | null>(null);
  const close = () => setOpen(null);
  if (!can("api-keys:write") || !isLive(apiKey)) return null;
  return (
    <Flex>
      <Button variant="secondary" onClick={() => setOpen("rotate")}>
        Rotate…
      </Button>
      <Button variant="secondary" isDanger onClick={() => setOpen("revoke")}>
        Revoke…
      </Button>
      {open === "rotate" && <RotateKeyDialog apiKey={apiKey} onClose={close} />}
      {open === "revoke" && <RevokeKeyDialog apiKey={apiKey} onClose={close} />}
    </Flex>
  );
}

function About({ apiKey }: { apiKey: ApiKey }) {
  const { prefix, fingerprint, madeBy, limitedBy, createdAt, expiresAt, revokedAt, lastUsedAt, keyId } = apiKey;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">About this key</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="State">
            <StateLabel apiKey={apiKey} />
          </Term>
          <Term name="Begins with">
            <span className="ls-mono">{prefix}</span>
          </Term>
          <Term name="Fingerprint">
            <span className="ls-mono">{fingerprint}</span>
          </Term>
          <Term name="Made by">
            <Maker by={madeBy} />, <Time at={createdAt} />
          </Term>
          <Term name="Last used">{lastUsedAt ? <Time at={lastUsedAt} /> : "never"}</Term>
          <Term name="Behind it">
            {limitedBy ? (
              <>
                <Maker by={`user ${limitedBy}`} />: it can do no more than they can, and ends with their account
              </>
            ) : (
              "the organisation: nobody's access limits it"
            )}
          </Term>
          <Term name="Ends">
            {expiresAt ? <Time at={expiresAt} /> : limitedBy ? "with that account" : "when revoked"}
          </Term>
          {revokedAt && (
            <Term name="Revoked">
              <Time at={revokedAt} />
            </Term>
          )}
          <Term name="Id">
            <span className="ls-mono">{keyId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function Rights({ apiKey: { permissions, access, siteIds, ipAllowlist, corsOrigins } }: { apiKey: ApiKey }) {
  const sites = useSites();
  return (
    <Card isFullHeight>
      <CardTitle component="h2">What it may do</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Permissions">
            <List isPlain>
              {permissions.map((permission) => (
                <ListItem key={permission}>
                  {permissionWords(permission)} <span className="ls-mono">{permission}</span>
                  {!(permission in access) && (
                    <>
                      {" "}
                      <Label isCompact status="warning">
                        not now
                      </Label>
                    </>
                  )}
                </ListItem>
              ))}
            </List>
          </Term>
          <Term name="Sites">
            {siteIds?.map((siteId) => sites.get(siteId)?.name ?? siteId).join(", ") ?? "every site"}
          </Term>
          {permissions.some((permission) => !(permission in access)) && (
            <Term name="Not now">
              The person behind it does not hold what is marked so, and no request with it is let through.
            </Term>
          )}
          <Term name="Networks">{ipAllowlist?.join(", ") ?? "from anywhere"}</Term>
          <Term name="Web pages">{corsOrigins.length > 0 ? corsOrigins.join(", ") : "none: programs alone"}</Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}
