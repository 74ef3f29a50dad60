import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { Site } from "../api/types.ts";

const MOST = 500;

/** Sites by id, to show names and zones in place of ids. */
export function useSites(): ReadonlyMap<string, Site> {
  const { data } = useQuery({
    queryKey: ["sites", "names"],
    queryFn: ({ signal }) => get<{ sites: Site[] }>("sites", { query: { limit: MOST }, signal }),
    staleTime: 60_000,
  });
  return new Map(data?.sites.map((site) => [site.siteId, site]));
}
