import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { Device } from "../api/types.ts";
import { useCan } from "../app/session.tsx";

const MOST = 500;

/** Devices by id, to show names in place of ids. Past so many, and to who may not see them, ids show. */
export function useDevices(): ReadonlyMap<string, Device> {
  const can = useCan();
  const { data } = useQuery({
    queryKey: ["devices", "names"],
    queryFn: ({ signal }) => get<{ devices: Device[] }>("devices", { query: { limit: MOST }, signal }),
    staleTime: 60_000,
    enabled: can("devices:read"),
  });
  return new Map(data?.devices.map((device) => [device.deviceId, device]));
}
