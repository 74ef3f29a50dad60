import { Button, Label } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { Device } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { useSites } from "../../components/use-sites.ts";
import { EnrolDialog } from "./enrol-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";

const SILENT_MS = 15 * 60_000;

/** All devices, or those of a site; made and revoked from here. */
export function DevicesTable({ siteId }: { siteId?: string }) {
  const can = useCan();
  const sites = useSites();
  const [isEnrolling, setEnrolling] = useState(false);
  const [revoking, setRevoking] = useState<Device | null>(null);
  const columns: Column<Device>[] = [
    { key: "name", title: "Name", sort: "name", cell: ({ name }) => name, text: ({ name }) => name },
    ...(siteId
      ? []
      : [
          {
            key: "site",
            title: "Site",
            sort: "site",
            cell: (device: Device) => (
              <Link to={`/sites/${device.siteId}`}>{sites.get(device.siteId)?.name ?? device.siteId}</Link>
            ),
            text: (device: Device) => sites.get(device.siteId)?.name ?? device.siteId,
          },
        ]),
    { key: "state", title: "State", cell: (device) => <State device={device} />, text: stateOf },
    {
      key: "lastSeen",
      title: "Last heard",
      sort: "lastSeenAt",
      cell: (device) => <At at={device.lastSeenAt} zone={sites.get(device.siteId)?.timeZone} none="never" />,
      text: ({ lastSeenAt }) => lastSeenAt,
    },
    {
      key: "certificate",
      title: "Certificate until",
      sort: "certificateNotAfter",
      cell: (device) => <At at={device.certificateNotAfter} zone={sites.get(device.siteId)?.timeZone} none="none" />,
      text: ({ certificateNotAfter }) => certificateNotAfter,
    },
    {
      key: "id",
      title: "Id",
      hidden: true,
      cell: ({ deviceId }) => <span className="ls-mono">{deviceId}</span>,
      text: ({ deviceId }) => deviceId,
    },
  ];
  const enrol = can("devices:write", siteId) && <Button onClick={() => setEnrolling(true)}>Enrol a device</Button>;
  return (
    <>
      <DataTable<Device>
        label="Devices"
        path="devices"
        field="devices"
        {...(siteId && { query: { site: siteId } })}
        columns={columns}
        sortedBy="name"
        rowKey={({ deviceId }) => deviceId}
        refreshSeconds={15}
        actions={enrol}
        rowActions={(device) =>
          can("devices:write", device.siteId) && !device.revokedAt ? (
            <Button variant="link" isDanger onClick={() => setRevoking(device)}>
              Revoke…
            </Button>
          ) : null
        }
        empty={{
          title: "No device yet",
          body: "A device enrols with a code that is shown once, and sends by its own certificate from then on.",
          action: enrol,
        }}
      />
      {isEnrolling && <EnrolDialog {...(siteId && { siteId })} onClose={() => setEnrolling(false)} />}
      {revoking && <RevokeDialog device={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function At({ at, zone, none }: { at: string | null; zone: string | undefined; none: string }) {
  return at ? <Time at={at} {...(zone && { zone })} /> : none;
}

function stateOf({ revokedAt, lastSeenAt, certificateNotAfter, access }: Device): string {
  if (revokedAt) return "revoked";
  if (access === "mtls" && !certificateNotAfter) return "not enrolled";
  if (!lastSeenAt) return "never heard";
  return Date.now() - Date.parse(lastSeenAt) > SILENT_MS ? "silent" : "heard";
}

function State({ device }: { device: Device }) {
  const state = stateOf(device);
  const status = { revoked: "danger", heard: "success", silent: "warning" }[state] as "danger" | undefined;
  return (
    <>
      <Label isCompact {...(status && { status })}>
        {state}
      </Label>{" "}
      {device.access === "plain" && <Label isCompact>best effort</Label>}
    </>
  );
}
