import { Badge } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { SeenApproval } from "../api/types.ts";
import { useCan } from "./session.tsx";

const MOST = 100;

/** How many requests wait for the yes of whoever looks; nothing when none does. */
export function WaitingForMe() {
  const mayDecide = useCan()("approvals:decide");
  const { data } = useQuery({
    queryKey: ["approvals", "waiting for me"],
    queryFn: ({ signal }) =>
      get<{ approvals: SeenApproval[] }>("approvals", { query: { state: "pending", limit: MOST }, signal }),
    enabled: mayDecide,
    refetchInterval: 30_000,
  });
  const waiting = data?.approvals.filter(({ standing }) => standing === "may-decide").length ?? 0;
  if (waiting === 0) return null;
  return (
    <Badge className="ls-count" screenReaderText="waiting for you">
      {waiting >= MOST ? `${MOST}+` : waiting}
    </Badge>
  );
}
