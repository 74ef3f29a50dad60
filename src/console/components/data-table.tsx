import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Pagination,
  Skeleton,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, type ThProps, Tr } from "@patternfly/react-table";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { get, type Query } from "../api/client.ts";
import { ColumnChoice, useColumns } from "./column-choice.tsx";
import { type Filter, FilterFields } from "./filter-fields.tsx";
import { ListDownload } from "./list-download.tsx";
import { ProblemAlert } from "./problem.tsx";
import { useListState } from "./use-list-state.ts";

export type Column<Row> = {
  key: string;
  title: string;
  /** One of these: what a cell shows, or its plain words. */
  cell?(row: Row): ReactNode;
  text?(row: Row): string | number | boolean | null;
  /** Not shown until chosen. */
  hidden?: boolean;
  /** The name by which the API sorts this column. */
  sort?: string;
};

export type DataTableProps<Row> = {
  /** Read out. */
  label: string;
  /** Below /api/v1/. */
  path: string;
  /** The field of the answer that holds the rows; `next` beside it leads on. */
  field: string;
  columns: readonly Column<Row>[];
  /** The list's own order, such as `-createdAt`. */
  sortedBy?: string;
  rowKey(row: Row): string;
  filters?: readonly Filter[];
  /** Always sent. */
  query?: Query;
  /** What to do when there is nothing at all. */
  empty: { title: string; body: ReactNode; action?: ReactNode };
  /** Buttons at the end of the toolbar. */
  actions?: ReactNode;
  /** At the end of each row. */
  rowActions?(row: Row): ReactNode;
  refreshSeconds?: number;
  /** What an answer says besides its rows, above them. */
  note?(answer: Readonly<Record<string, unknown>>): ReactNode;
};

/** A list as the server pages it: filters and place in the URL, columns to choose, all of it to download. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, path, field, columns, rowKey, filters = [], empty, actions, rowActions, refreshSeconds } = props;
  const list = useListState(filters);
  const sort = list.sort ?? props.sortedBy ?? null;
  const query = { ...props.query, ...list.asked, sort: list.sort };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [path, query, list.after, list.limit],
    queryFn: ({ signal }) =>
      get<Record<string, unknown>>(path, { query: { ...query, after: list.after, limit: list.limit }, signal }),
    placeholderData: keepPreviousData,
    ...(refreshSeconds && { refetchInterval: refreshSeconds * 1000 }),
  });
  const { shown, ...choice } = useColumns(columns);
  const [said, setSaid] = useState("");
  const onSort = (name: string, title: string, direction: "asc" | "desc"): void => {
    list.setSort(direction === "desc" ? `-${name}` : name);
    setSaid(`Sorted by ${title}, ${direction === "desc" ? "descending" : "ascending"}`);
  };
  const rows = data?.[field] as Row[] | undefined;
  const next = (data?.next ?? null) as string | number | null;
  const isFiltered = Object.keys(list.filters).length > 0 || list.after !== null;
  const pager = (
    <Pagination
      isCompact
      toggleTemplate={() => <>{`${rows?.length ?? 0} shown, page ${list.page}`}</>}
      itemCount={(list.page - 1) * list.limit + (rows?.length ?? 0) + (next === null ? 0 : 1)}
      page={list.page}
      perPage={list.limit}
      onNextClick={() => next !== null && list.goTo(String(next))}
      onPreviousClick={list.goBack}
      onPerPageSelect={(_event, perPage) => list.setLimit(perPage)}
      perPageOptions={[20, 50, 100, 500].map((value) => ({ title: String(value), value }))}
    />
  );
  return (
    <>
      <span className="pf-v6-screen-reader" aria-live="polite">
        {said}
      </span>
      <Toolbar aria-label={`${label}: filters and actions`}>
        <ToolbarContent>
          <FilterFields filters={filters} values={list.filters} onChange={list.setFilter} />
          <ToolbarGroup align={{ default: "alignEnd" }}>
            <ToolbarItem>
              <ColumnChoice columns={columns} {...choice} />
            </ToolbarItem>
            <ToolbarItem>
              <ListDownload path={path} query={query} />
            </ToolbarItem>
            {actions && <ToolbarItem>{actions}</ToolbarItem>}
            <ToolbarItem>{pager}</ToolbarItem>
          </ToolbarGroup>
        </ToolbarContent>
      </Toolbar>
      {data && props.note?.(data)}
      {error ? (
        <ProblemAlert error={error} onRetry={refetch} />
      ) : rows?.length === 0 && next !== null ? (
        <NothingYet onNext={() => list.goTo(String(next))} onClear={list.clear} />
      ) : rows?.length === 0 ? (
        <NothingThere isFiltered={isFiltered} onClear={list.clear} {...empty} />
      ) : (
        <Table aria-label={label} variant="compact" aria-busy={isPlaceholderData}>
          <Thead>
            <Tr>
              {shown.map((column, index) => (
                <Th key={column.key} modifier="wrap" {...sortOf(column, { index, sort, onSort })}>
                  {column.title}
                </Th>
              ))}
              {rowActions && <Th screenReaderText="Actions" />}
            </Tr>
          </Thead>
          <Tbody>
            {rows
              ? rows.map((row) => (
                  <Tr key={rowKey(row)}>
                    {shown.map(({ key, title, cell, text }) => (
                      <Td key={key} dataLabel={title} modifier="breakWord">
                        {cell ? cell(row) : text?.(row)}
                      </Td>
                    ))}
                    {rowActions && <Td isActionCell>{rowActions(row)}</Td>}
                  </Tr>
                ))
              : [0, 1, 2, 3, 4].map((line) => (
                  <Tr key={line}>
                    {shown.map(({ key }) => (
                      <Td key={key}>
                        <Skeleton screenreaderText="Loading" />
                      </Td>
                    ))}
                    {rowActions && <Td />}
                  </Tr>
                ))}
          </Tbody>
        </Table>
      )}
    </>
  );
}

type Sorting = {
  index: number;
  sort: string | null;
  onSort(name: string, title: string, direction: "asc" | "desc"): void;
};

/** What makes a header a button that sorts; nothing when the API does not sort by this column. */
function sortOf<Row>({ sort: name, title }: Column<Row>, { index, sort, onSort }: Sorting): Pick<ThProps, "sort"> {
  if (!name) return {};
  const isThis = sort === name || sort === `-${name}`;
  return {
    sort: {
      columnIndex: index,
      sortBy: isThis ? { index, direction: sort === name ? "asc" : "desc" } : {},
      onSort: (_event, _index, direction) => onSort(name, title, direction),
    },
  };
}

/** A search that looks for some seconds a page: it has found nothing so far, and there is more to look through. */
function NothingYet({ onNext, onClear }: { onNext(): void; onClear(): void }) {
  return (
    <EmptyState titleText="Nothing so far" headingLevel="h2" variant="sm">
      <EmptyStateBody>What is older was not looked through yet.</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={onNext}>Look further back</Button>
          <Button variant="link" onClick={onClear}>
            Clear filters
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

type Nothing = { isFiltered: boolean; onClear(): void; title: string; body: ReactNode; action?: ReactNode };

function NothingThere({ isFiltered, onClear, title, body, action }: Nothing) {
  if (isFiltered) {
    return (
      <EmptyState titleText="Nothing matches" headingLevel="h2" variant="sm">
        <EmptyStateBody>No entry has all that you asked for.</EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button variant="link" onClick={onClear}>
              Clear filters
            </Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    );
  }
  return (
    <EmptyState titleText={title} headingLevel="h2" variant="sm">
      <EmptyStateBody>{body}</EmptyStateBody>
      {action && (
        <EmptyStateFooter>
          <EmptyStateActions>{action}</EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}
