import {
  Alert,
  Button,
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  Flex,
  Grid,
  GridItem,
} from "@patternfly/react-core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import type { DeviceDetail, DevicePassword, EnrolmentCode } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { formatBytes, formatCount, Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { SecretOnce } from "../../components/secret-once.tsx";
import { useAct } from "../../components/use-act.ts";
import { useSites } from "../../components/use-sites.ts";
import { History } from "../ledger/history.tsx";
import { LettersTable } from "../retention/letters-table.tsx";
import { Certificates } from "./certificates.tsx";
import { Gaps } from "./gaps.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { State } from "./state.tsx";

const REFRESH_SECONDS = 15;

export function Page() {
  const { deviceId = "" } = useParams();
  const can = useCan();
  return (
    <Load<DeviceDetail>
      path={`devices/${encodeURIComponent(deviceId)}`}
      label="Reading the device"
      refreshSeconds={REFRESH_SECONDS}
    >
      {(device) => (
        <PageFrame
          title={device.name}
          above={[{ title: "Devices", to: "/devices" }]}
          actions={can("devices:write", device.siteId) && !device.revokedAt && <Acts device={device} />}
        >
          <Grid hasGutter>
            <GridItem lg={6}>
              <Live device={device} />
            </GridItem>
            <GridItem lg={6}>
              <Sending device={device} />
            </GridItem>
            {device.access === "mtls" && (
              <GridItem>
                <Certificates certificates={device.certificates} />
              </GridItem>
            )}
            {can("events:read", device.siteId) && (
              <>
                {device.lost > 0 && (
                  <GridItem>
                    <Gaps device={device} />
                  </GridItem>
                )}
                <GridItem>
                  <Card>
                    <CardTitle component="h2">Refused messages</CardTitle>
                    <CardBody>
                      <LettersTable deviceId={device.deviceId} />
                    </CardBody>
                  </Card>
                </GridItem>
              </>
            )}
            <GridItem>
              <History entityType="device" entityId={device.deviceId} />
            </GridItem>
          </Grid>
        </PageFrame>
      )}
    </Load>
  );
}

function Acts({ device }: { device: DeviceDetail }) {
  const [isRevoking, setRevoking] = useState(false);
  const [secret, setSecret] = useState<{ title: string; about: string; secret: string } | null>(null);
  const code = useAct<EnrolmentCode>(["devices"], ({ data }) =>
    setSecret({
      title: `Enrol ${device.name} anew`,
      about:
        "Scan or type this at the device within 72 hours. It works once, is shown this once, and earlier codes end.",
      secret: data.code,
    }),
  );
  const password = useAct<DevicePassword>(["devices"], ({ data }) =>
    setSecret({
      title: `New password of ${device.name}`,
      about: `Its user name is ${data.username}. The old password ends; this one is shown this once.`,
      secret: data.password,
    }),
  );
  const isPlain = device.access === "plain";
  const act = isPlain ? password : code;
  const error = code.error ?? password.error;
  const path = `devices/${device.deviceId}/${isPlain ? "password" : "enrolment-code"}`;
  return (
    <>
      {error && <ProblemAlert error={error} />}
      <Flex>
        <Button
          variant="secondary"
          isLoading={act.isPending}
          onClick={() => act.mutate({ path, method: "POST", body: {} })}
        >
          {isPlain ? "New password" : "New enrolment code"}
        </Button>
        <Button variant="danger" onClick={() => setRevoking(true)}>
          Revoke…
        </Button>
      </Flex>
      {secret && <SecretOnce {...secret} onClose={() => setSecret(null)} />}
      {isRevoking && <RevokeDialog device={device} onClose={() => setRevoking(false)} />}
    </>
  );
}

function Live({ device }: { device: DeviceDetail }) {
  const site = useSites().get(device.siteId);
  const at = (time: string | null, none: string) =>
    time ? <Time at={time} {...(site && { zone: site.timeZone })} /> : none;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">How it is</CardTitle>
      <CardBody>
        {device.access === "plain" && (
          <Alert
            variant="info"
            isInline
            isPlain
            title="Best effort: plain firmware without a certificate. What is lost on the way is not noticed."
          />
        )}
        <DescriptionList isHorizontal>
          <Term name="State">
            <State device={device} />
          </Term>
          <Term name="Site">
            <Link to={`/sites/${device.siteId}`}>{site?.name ?? device.siteId}</Link>
          </Term>
          <Term name="Last heard">{at(device.lastSeenAt, "never")}</Term>
          <Term name="Software">{device.status?.version || "not told yet"}</Term>
          <Term name="Clock">{clockWords(device.clockSkewMs)}</Term>
          {device.codeUntil && <Term name="Enrolment code">waits to be used until {at(device.codeUntil, "")}</Term>}
          <Term name="Registered">{at(device.createdAt, "")}</Term>
          {device.revokedAt && <Term name="Revoked">{at(device.revokedAt, "")}</Term>}
          <Term name="Id">
            <span className="ls-mono">{device.deviceId}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

function Sending({ device }: { device: DeviceDetail }) {
  const site = useSites().get(device.siteId);
  const can = useCan();
  const at = (time: string | null) => (time ? <Time at={time} {...(site && { zone: site.timeZone })} /> : "none yet");
  const { status } = device;
  return (
    <Card isFullHeight>
      <CardTitle component="h2">What it sends</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal>
          <Term name="Last event">{at(device.lastEventAt)}</Term>
          <Term name="Last receipt">{at(device.lastReceiptAt)}</Term>
          <Term name="Waits in its outbox">
            {status ? `${formatCount(status.pending)} events, ${formatBytes(status.pendingBytes)}` : "not told yet"}
          </Term>
          <Term name="Refused">{formatCount(device.rejected)} messages since it was registered</Term>
          <Term name="Lost">{formatCount(device.lost)} events that it has declared lost</Term>
          {status && (
            <Term name="Outbox">
              <span className="ls-mono">{status.outbox}</span>
            </Term>
          )}
        </DescriptionList>
        {can("events:read", device.siteId) && (
          <Link to={`/events?site=${device.siteId}&source=${device.deviceId}`}>Events of this device</Link>
        )}
      </CardBody>
    </Card>
  );
}

const SKEW_MS = 2_000;

function clockWords(skewMs: number | null): string {
  if (skewMs === null) return "not told yet";
  if (Math.abs(skewMs) < SKEW_MS) return "right";
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return `${formatCount(seconds)} seconds ${skewMs > 0 ? "ahead" : "behind"}`;
}
