import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { User } from "../api/types.ts";
import { useCan, useSession } from "../app/session.tsx";

/** Who made something, as the API names actors (`user <id>`, `api-key <id>`, `system <name>`), by name where one may see people. */
export function Maker({ by }: { by: string }) {
  const [type, id = ""] = by.split(" ", 2);
  const { user } = useSession();
  const can = useCan();
  const isOther = type === "user" && id !== user.userId;
  const { data } = useQuery({
    queryKey: [`users/${id}`],
    queryFn: ({ signal }) => get<User>(`users/${encodeURIComponent(id)}`, { signal }),
    enabled: isOther && can("access:read"),
    staleTime: 60_000,
  });
  if (type === "user") return <>{isOther ? (data?.displayName ?? "somebody here") : user.displayName}</>;
  return <>{type === "api-key" ? "an API key" : "the appliance's command line"}</>;
}
