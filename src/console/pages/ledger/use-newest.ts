import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { ChainCheck, Checkpoint } from "../../api/types.ts";

const EVERY_MS = 30_000;
const SOON_MS = 2_000;

/** The newest checkpoint; null: none yet. */
export function useNewestCheckpoint() {
  return useQuery({
    queryKey: ["ledger/checkpoints", "newest"],
    queryFn: async ({ signal }) => {
      const { checkpoints } = await get<{ checkpoints: Checkpoint[] }>("ledger/checkpoints", {
        query: { limit: 1 },
        signal,
      });
      return checkpoints[0] ?? null;
    },
    refetchInterval: EVERY_MS,
  });
}

/** The verification asked for last; null: none yet. While one is under way it is asked for again and again. */
export function useNewestCheck() {
  return useQuery({
    queryKey: ["ledger/checks", "newest"],
    queryFn: async ({ signal }) =>
      (await get<{ checks: ChainCheck[] }>("ledger/checks", { query: { limit: 1 }, signal })).checks[0] ?? null,
    refetchInterval: ({ state: { data } }) => (data && isUnderWay(data) ? SOON_MS : EVERY_MS),
  });
}

export const isUnderWay = ({ state }: ChainCheck): boolean => state === "waiting" || state === "running";
