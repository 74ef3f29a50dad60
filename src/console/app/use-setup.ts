import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { Setup } from "../api/types.ts";
import { useSession } from "./session.tsx";

const ASK_EVERY_MS = 300_000;

/** How far the first steps are; undefined for whoever may not set the tenant up, and until it is known. */
export function useSetup(): Setup | undefined {
  const { access } = useSession();
  const { data } = useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => get<Setup>("setup", { signal }),
    enabled: access["tenant:write"] === "all",
    staleTime: 60_000,
    refetchInterval: ASK_EVERY_MS,
  });
  return data;
}
