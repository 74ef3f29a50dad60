import { Link } from "react-router";
import { useCan } from "../app/session.tsx";
import { useDevices } from "./use-devices.ts";

/** Who sent something: a device by its name, with the way to it; of an API key its id. */
export function Source({ source: { type, id } }: { source: { type: "device" | "api-key"; id: string } }) {
  const device = useDevices().get(id);
  const can = useCan();
  if (type === "api-key") {
    return (
      <>
        API key <span className="ls-mono ls-nowrap">…{id.slice(-8)}</span>
      </>
    );
  }
  const name = device?.name ?? `…${id.slice(-8)}`;
  return can("devices:read") ? <Link to={`/devices/${id}`}>{name}</Link> : name;
}
