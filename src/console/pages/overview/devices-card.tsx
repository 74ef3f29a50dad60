import { Content, Label } from "@patternfly/react-core";
import { Link } from "react-router";
import type { DevicesOverview } from "../../api/types.ts";
import { DataCard } from "../../components/data-card.tsx";
import { Figures } from "../../components/figures.tsx";
import { formatCount, formatSince } from "../../components/format.tsx";
import { useSites } from "../../components/use-sites.ts";

/** Which devices are heard, and which somebody should look at. */
export function DevicesCard() {
  const sites = useSites();
  return (
    <DataCard<DevicesOverview> title="Devices" path="overview/devices" more={{ to: "/devices", title: "Devices" }}>
      {({ counts, troubled, silentMinutes }) => (
        <>
          <Figures
            of={[
              { title: `heard in ${silentMinutes} minutes`, value: formatCount(counts.heard) },
              { title: "silent", value: formatCount(counts.silent) },
              { title: "not heard yet", value: formatCount(counts.neverHeard + counts.notEnrolled) },
            ]}
          />
          {counts.total === 0 ? (
            <Content component="p">No device is enrolled.</Content>
          ) : troubled.length === 0 ? (
            <Content component="p">None is silent, and nothing was rejected within 24 hours.</Content>
          ) : (
            <ul className="ls-rows" aria-label="Devices to look at">
              {troubled.map(({ deviceId, siteId, name, lastSeenAt, silent, rejected }) => (
                <li key={deviceId}>
                  <span>
                    {name}, <Link to={`/sites/${siteId}`}>{sites.get(siteId)?.name ?? "its site"}</Link>
                  </span>
                  <span>
                    {silent && lastSeenAt && (
                      <Label isCompact status="warning">
                        silent for {formatSince(lastSeenAt)}
                      </Label>
                    )}{" "}
                    {rejected > 0 && (
                      <Label isCompact status="danger">
                        {formatCount(rejected)} rejected
                      </Label>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </DataCard>
  );
}
