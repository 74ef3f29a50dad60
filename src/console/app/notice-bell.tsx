import { NotificationBadge } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { get } from "../api/client.ts";

const ASK_EVERY_MS = 60_000;

/** How many notices are new, and the way to them. */
export function NoticeBell() {
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ["notices", "unread"],
    queryFn: ({ signal }) => get<{ unread: number }>("notices", { query: { unread: true, limit: 1 }, signal }),
    refetchInterval: ASK_EVERY_MS,
  });
  const unread = data?.unread ?? 0;
  return (
    <NotificationBadge
      variant={unread > 0 ? "unread" : "read"}
      count={unread}
      aria-label={unread === 1 ? "1 new notice" : `${unread} new notices`}
      onClick={() => navigate("/notices")}
    />
  );
}
