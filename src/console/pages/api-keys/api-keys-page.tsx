import { Button } from "@patternfly/react-core";
import { ActionsColumn } from "@patternfly/react-table";
import { useState } from "react";
import { Link } from "react-router";
import type { ApiKey } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Time } from "../../components/format.tsx";
import { Maker } from "../../components/maker.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { permissionWords } from "../../components/permissions.ts";
import { useSites } from "../../components/use-sites.ts";
import { RevokeKeyDialog, RotateKeyDialog } from "./key-acts.tsx";
import { isLive, StateLabel, stateOf } from "./key-state.tsx";
import { MakeKeyDialog } from "./make-key-dialog.tsx";

type Open = { act: "rotate" | "revoke"; apiKey: ApiKey };

export function Page() {
  const can = useCan();
  const [isMaking, setMaking] = useState(false);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const columns = useKeyColumns();
  const make = can("api-keys:write") && <Button onClick={() => setMaking(true)}>Make a key</Button>;
  return (
    <PageFrame
      title="API keys"
      about="What programs show to use the API: each may do what is listed here and nothing more."
    >
      <DataTable<ApiKey>
        label="API keys"
        path="api-keys"
        field="apiKeys"
        columns={columns}
        rowKey={({ keyId }) => keyId}
        actions={make}
        rowActions={(apiKey) =>
          can("api-keys:write") && isLive(apiKey) ? (
            <ActionsColumn
              items={[
                { title: "Rotate…", onClick: () => setOpen({ act: "rotate", apiKey }) },
                { title: "Revoke…", isDanger: true, onClick: () => setOpen({ act: "revoke", apiKey }) },
              ]}
            />
          ) : null
        }
        empty={{ title: "No API key yet", body: "Make one for each program that uses the API.", action: make }}
      />
      {isMaking && <MakeKeyDialog onClose={() => setMaking(false)} />}
      {open?.act === "rotate" && <RotateKeyDialog apiKey={open.apiKey} onClose={close} />}
      {open?.act === "revoke" && <RevokeKeyDialog apiKey={open.apiKey} onClose={close} />}
    </PageFrame>
  );
}

function useKeyColumns(): readonly Column<ApiKey>[] {
  const sites = useSites();
  const sitesOf = ({ siteIds }: ApiKey): string =>
    siteIds === null ? "every site" : siteIds.map((siteId) => sites.get(siteId)?.name ?? siteId).join(", ");
  return [
    {
      key: "name",
      title: "Name",
      cell: ({ name, keyId }) => <Link to={`/access/api-keys/${keyId}`}>{name}</Link>,
      text: ({ name }) => name,
    },
    {
      key: "prefix",
      title: "Begins with",
      cell: ({ prefix }) => <span className="ls-mono ls-nowrap">{prefix}</span>,
      text: ({ prefix }) => prefix,
    },
    { key: "state", title: "State", cell: (apiKey) => <StateLabel apiKey={apiKey} />, text: stateOf },
    {
      key: "permissions",
      title: "May",
      cell: ({ permissions }) => summary(permissions),
      text: ({ permissions }) => permissions.join(" "),
    },
    { key: "sites", title: "At", cell: sitesOf, text: sitesOf },
    {
      key: "lastUsed",
      title: "Last used",
      cell: ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} /> : <Never />),
      text: ({ lastUsedAt }) => lastUsedAt,
    },
    {
      key: "expires",
      title: "Ends",
      cell: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : <Never />),
      text: ({ expiresAt }) => expiresAt,
    },
    {
      key: "madeBy",
      title: "Made by",
      hidden: true,
      cell: ({ madeBy }) => <Maker by={madeBy} />,
      text: ({ madeBy }) => madeBy,
    },
    {
      key: "made",
      title: "Made",
      hidden: true,
      cell: ({ createdAt }) => <Time at={createdAt} />,
      text: ({ createdAt }) => createdAt,
    },
    {
      key: "networks",
      title: "Networks",
      hidden: true,
      cell: ({ ipAllowlist }) => ipAllowlist?.join(", ") ?? "any",
      text: ({ ipAllowlist }) => ipAllowlist?.join(" ") ?? "any",
    },
    {
      key: "origins",
      title: "Web pages",
      hidden: true,
      cell: ({ corsOrigins }) => corsOrigins.join(", ") || "none",
      text: ({ corsOrigins }) => corsOrigins.join(" "),
    },
    {
      key: "fingerprint",
      title: "Fingerprint",
      hidden: true,
      cell: ({ fingerprint }) => <span className="ls-mono">{fingerprint}</span>,
      text: ({ fingerprint }) => fingerprint,
    },
  ];
}

/** The first in words, and how many more: the key's page has all. */
function summary(permissions: readonly string[]): string {
  const [first = "", ...others] = permissions;
  return others.length === 0 ? permissionWords(first) : `${permissionWords(first)}, and ${others.length} more`;
}

const Never = () => <span className="ls-nowrap">never</span>;
