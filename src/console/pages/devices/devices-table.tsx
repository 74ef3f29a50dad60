import { Button } from "@patternfly/react-core";
import { useState } from "react";
import { Link } from "react-router";
import type { Device, Site } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import type { Filter } from "../../components/filter-fields.tsx";
import { Time } from "../../components/format.tsx";
import { useSites } from "../../components/use-sites.ts";
import { EnrolDialog } from "./enrol-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { State, stateWords } from "./state.tsx";

/** All devices, or those of a site; made and revoked from here. */
export function DevicesTable({ siteId }: { siteId?: string }) {
  const can = useCan();
  const sites = useSites();
  const [isEnrolling, setEnrolling] = useState(false);
  const [revoking, setRevoking] = useState<Device | null>(null);
  const columns: Column<Device>[] = [
    {
      key: "name",
      title: "Name",
      sort: "name",
      cell: ({ deviceId, name }) => <Link to={`/devices/${deviceId}`}>{name}</Link>,
      text: ({ name }) => name,
    },
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
    {
      key: "state",
      title: "State",
      sort: "state",
      cell: (device) => <State device={device} />,
      text: ({ state }) => state,
    },
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
        filters={filtersOf(siteId ? [] : [...sites.values()])}
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

function filtersOf(sites: readonly Site[]): Filter[] {
  const state: Filter = {
    name: "state",
    label: "State",
    kind: "choice",
    options: Object.entries(stateWords).map(([value, label]) => ({ value, label })),
  };
  if (sites.length === 0) return [state];
  const options = sites.map(({ siteId, name }) => ({ value: siteId, label: name }));
  return [{ name: "site", label: "Site", kind: "choice", options }, state];
}

function At({ at, zone, none }: { at: string | null; zone: string | undefined; none: string }) {
  return at ? <Time at={at} {...(zone && { zone })} /> : none;
}
