import { Stack, StackItem, Title } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { get } from "../../api/client.ts";
import type { Task, Tombstone } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { basisWords } from "../../components/basis-words.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatBytes, formatCount, Time } from "../../components/format.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { TaskBar } from "../../components/task-progress.tsx";
import { workOf } from "../../components/task-words.ts";
import { useSites } from "../../components/use-sites.ts";
import { RetentionFrame } from "./retention-frame.tsx";
import { erasedWords } from "./words.ts";

export function Page() {
  const sites = useSites();
  const can = useCan();
  const nameOf = (siteId: string): string => sites.get(siteId)?.name ?? siteId;
  return (
    <RetentionFrame tab="retention/erasures">
      {can("tasks:read") && <Running />}
      <DataTable<Tombstone>
        label="Erasures"
        path="erasures"
        field="erasures"
        sortedBy="-seq"
        columns={columnsOf(nameOf)}
        filters={[
          {
            name: "site",
            label: "Site",
            kind: "choice",
            options: [...sites.values()].map(({ siteId, name }) => ({ value: siteId, label: name })),
          },
          {
            name: "basis",
            label: "Why",
            kind: "choice",
            options: ["retention", "request", "hold-release", "offboarding"].map((value) => ({
              value,
              label: basisWords(value),
            })),
          },
          {
            name: "filesPending",
            label: "Files",
            kind: "choice",
            options: [{ value: "true", label: "Files still to be removed" }],
          },
        ]}
        rowKey={({ erasureId }) => erasureId}
        refreshSeconds={30}
        empty={{
          title: "Nothing was erased yet",
          body: "Each erasure leaves a tombstone here: what it took, when and on whose word, without saying what was in it.",
        }}
      />
    </RetentionFrame>
  );
}

const columnsOf = (nameOf: (siteId: string) => string): readonly Column<Tombstone>[] => [
  { key: "at", title: "When", sort: "at", cell: ({ at }) => <Time at={at} />, text: ({ at }) => at },
  {
    key: "what",
    title: "What",
    cell: (erased) => erasedWords(erased, nameOf),
    text: (erased) => erasedWords(erased, nameOf),
  },
  {
    key: "why",
    title: "Why",
    cell: ({ basis, requestId }) =>
      requestId ? <Link to={`/erasure-requests/direct/${requestId}`}>{basisWords(basis)}</Link> : basisWords(basis),
    text: ({ basis }) => basis,
  },
  {
    key: "events",
    title: "Events",
    sort: "events",
    cell: ({ events }) => formatCount(events),
    text: ({ events }) => events,
  },
  { key: "images", title: "Images", cell: ({ images }) => formatCount(images), text: ({ images }) => images },
  { key: "size", title: "Size", sort: "bytes", cell: ({ bytes }) => formatBytes(bytes), text: ({ bytes }) => bytes },
  {
    key: "files",
    title: "Image files",
    cell: (erased) => <Files erased={erased} />,
    text: ({ filesPending }) => filesPending,
  },
  { key: "row", title: "Tombstone", sort: "seq", cell: ({ seq }) => <RowLink seq={seq} />, text: ({ seq }) => seq },
  {
    key: "openings",
    title: "Contents of ledger rows",
    hidden: true,
    cell: ({ openings }) => formatCount(openings),
    text: ({ openings }) => openings,
  },
  {
    key: "journal",
    title: "In the erasure journal",
    hidden: true,
    cell: ({ journalledAt }) => (journalledAt ? <Time at={journalledAt} /> : "on its way"),
    text: ({ journalledAt }) => journalledAt,
  },
];

function Files({ erased: { images, filesPending, filesGoneAt } }: { erased: Tombstone }) {
  if (filesPending > 0) return <>{formatCount(filesPending)} left</>;
  return <>{filesGoneAt || images > 0 ? "gone" : "none"}</>;
}

/** What the executor does now or cannot go on with. */
function Running() {
  const { data } = useQuery({
    queryKey: ["tasks", "retention"],
    queryFn: async ({ signal }) => {
      const of = async (state: string) =>
        (await get<{ tasks: Task[] }>("tasks", { query: { kind: "retention.", state, limit: 10 }, signal })).tasks;
      return [...(await of("running")), ...(await of("waiting")), ...(await of("failed"))];
    },
    refetchInterval: 5_000,
  });
  if (!data || data.length === 0) return null;
  return (
    <Stack hasGutter className="ls-findings">
      <StackItem>
        <Title headingLevel="h2" size="lg">
          Under way
        </Title>
      </StackItem>
      {data.map((task) => (
        <StackItem key={task.taskId}>
          <TaskBar task={task} title={titleOf(task)} />
        </StackItem>
      ))}
    </Stack>
  );
}

function titleOf(task: Task): string {
  const { day, what } = task.arguments as { day?: string; what?: string };
  return day && what ? `Erasing ${what} of ${day}` : workOf(task);
}
