import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { get, setCsrfToken } from "../api/client.ts";
import type { OwnSession } from "../api/types.ts";
import { Waiting } from "../components/waiting.tsx";

const SessionContext = createContext<OwnSession | null>(null);

/** Asks who one is before anything else shows. Access is read anew every minute, and the server asks it on every request. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const { data } = useQuery({
    queryKey: ["session"],
    queryFn: async () => {
      const session = await get<OwnSession>("session");
      setCsrfToken(session.csrfToken);
      return session;
    },
    refetchInterval: 60_000,
  });
  if (data?.mfa.missing) window.location.assign("/account");
  if (!data || data.mfa.missing) return <Waiting label="Signing in" />;
  return <SessionContext value={data}>{children}</SessionContext>;
}

export function useSession(): OwnSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession outside of SessionProvider");
  return session;
}

/** Whether the person holds a permission: over that site, or over any when none is named. */
export function useCan(): (permission: string, siteId?: string) => boolean {
  const { access } = useSession();
  return (permission, siteId) => {
    const sites = access[permission];
    return sites === "all" || (sites !== undefined && (siteId === undefined || sites.includes(siteId)));
  };
}

/** Whether the person holds a permission over all sites, as what concerns the whole tenant asks for. */
export function useCanEverywhere(): (permission: string) => boolean {
  const { access } = useSession();
  return (permission) => access[permission] === "all";
}

/** Whether a page is worth showing to the person. */
export function useMayOpen(): (page: { permissions: readonly string[]; wholeTenant?: true }) => boolean {
  const { access } = useSession();
  return ({ permissions, wholeTenant }) =>
    permissions.length === 0 ||
    permissions.some((each) => (wholeTenant ? access[each] === "all" : access[each] !== undefined));
}
