import { Banner } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client.ts";
import type { CertificateDates } from "../api/types.ts";
import { certificateUses, soonDaysOf } from "../components/certificate-uses.ts";
import { Time } from "../components/format.tsx";
import { useSession } from "./session.tsx";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Above every page, to who can do something about it: a certificate whose end is near or over. */
export function ExpiryBanner() {
  const { access } = useSession();
  const { data } = useQuery({
    queryKey: ["overview/certificates", undefined],
    queryFn: ({ signal }) => get<{ certificates: CertificateDates[] }>("overview/certificates", { signal }),
    enabled: access["tenant:write"] === "all",
    staleTime: HOUR_MS,
    refetchInterval: HOUR_MS,
  });
  const ending = (data?.certificates ?? []).filter(
    ({ use, notAfter }) => Date.parse(notAfter) - Date.now() < soonDaysOf(use) * DAY_MS,
  );
  if (ending.length === 0) return null;
  const isOver = ending.some(({ notAfter }) => Date.parse(notAfter) <= Date.now());
  return (
    <Banner status={isOver ? "danger" : "warning"} screenReaderText={isOver ? "Danger" : "Warning"}>
      {ending.map(({ use, subject, notAfter }) => (
        <div key={`${use} ${subject}`}>
          {Date.parse(notAfter) <= Date.now() ? "Ended" : "Ends soon"}: {certificateUses[use]}, on{" "}
          <Time at={notAfter} />.
        </div>
      ))}
    </Banner>
  );
}
