import { ExpandableSection } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { get } from "../../api/client.ts";
import type { Tombstone } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { basisWords } from "../../components/basis-words.ts";
import { countOf, Time } from "../../components/format.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { erasedWords } from "../retention/words.ts";

const SHOWN = 20;

/** The tombstones of what was here once: of the site and the days that the events are searched in. */
export function ErasedInRange({ from, nameOf }: { from: string | undefined; nameOf(siteId: string): string }) {
  const can = useCan();
  const [search] = useSearchParams();
  const [isOpen, setOpen] = useState(false);
  const query = { site: search.get("site"), from: from ?? null, to: search.get("to")?.slice(0, 10), limit: SHOWN };
  const { data } = useQuery({
    queryKey: ["erasures", query],
    queryFn: ({ signal }) => get<{ erasures: Tombstone[]; next: string | null }>("erasures", { query, signal }),
    enabled: can("erasures:read"),
  });
  if (!data || data.erasures.length === 0) return null;
  const count = `${data.erasures.length}${data.next ? " or more" : ""}`;
  return (
    <ExpandableSection
      toggleText={`What was erased from here: ${count} ${count === "1" ? "tombstone" : "tombstones"}`}
      isExpanded={isOpen}
      onToggle={(_event, is) => setOpen(is)}
    >
      <ul>
        {data.erasures.map((erased) => (
          <li key={erased.erasureId}>
            {erasedWords(erased, nameOf)}: {countOf(erased.events, "event")}, {countOf(erased.images, "image")}, because{" "}
            {basisWords(erased.basis)}; <Time at={erased.at} />, <RowLink seq={erased.seq} />
          </li>
        ))}
      </ul>
      {data.next && <Link to="/retention/erasures">All of what was erased</Link>}
    </ExpandableSection>
  );
}
