import { useSearchParams } from "react-router";
import type { Filter } from "./filter-fields.tsx";

export type ListState = {
  filters: Readonly<Record<string, string>>;
  after: string | null;
  page: number;
  limit: number;
  /** As the API takes it; null: as the list is by itself. */
  sort: string | null;
  /** As the API is asked. */
  asked: Readonly<Record<string, string>>;
  setFilter(name: string, value: string): void;
  setLimit(limit: number): void;
  setSort(sort: string): void;
  goTo(after: string): void;
  goBack(): void;
  clear(): void;
};

/** What a list shows stands in the URL: it can be sent to somebody, and the browser's back goes back in it. */
export function useListState(filters: readonly Filter[]): ListState {
  const [search, setSearch] = useSearchParams();
  const set = (changes: Record<string, string | null>): void =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === "") after.delete(name);
        else after.set(name, value);
      }
      return after;
    });
  const present = filters.flatMap(({ name }) => (search.get(name) ? [[name, search.get(name)!] as const] : []));
  const page = Number(search.get("page") ?? 1);
  return {
    filters: Object.fromEntries(present),
    asked: Object.fromEntries(present.map(([name, value]) => askedFor(filters, name, value))),
    after: search.get("after"),
    page,
    limit: Number(search.get("limit") ?? 20),
    sort: search.get("sort"),
    setFilter: (name, value) => {
      const filter = filters.find((each) => each.name === name);
      const cleared = filter && "clears" in filter && value !== "" ? (filter.clears ?? []) : [];
      const gone = Object.fromEntries(cleared.map((each) => [each, null]));
      set({ ...gone, [name]: value, after: null, page: null });
    },
    setLimit: (limit) => set({ limit: String(limit), after: null, page: null }),
    setSort: (sort) => set({ sort, after: null, page: null }),
    goTo: (after) => set({ after, page: String(page + 1) }),
    goBack: () => window.history.back(),
    clear: () =>
      set(Object.fromEntries([...filters.map(({ name }) => name), "after", "page"].map((name) => [name, null]))),
  };
}

const MINUTE_MS = 60_000;

/** `last=60` becomes the instant of a whole minute: the question stays the same for a minute, and with it what was answered. */
function askedFor(filters: readonly Filter[], name: string, value: string): [string, string] {
  const filter = filters.find((each) => each.name === name);
  if (filter?.kind !== "last") return [name, value];
  const minutes = filter.options.find((option) => option.value === value)?.minutes ?? 0;
  const from = Math.floor(Date.now() / MINUTE_MS) - minutes;
  return [filter.from, new Date(from * MINUTE_MS).toISOString().replace(".000Z", "Z")];
}
