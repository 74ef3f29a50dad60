import { Alert, AlertActionCloseButton, AlertGroup } from "@patternfly/react-core";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

/** done, refused: how something ended that leaves no trace on the page. asked: it waits for somebody else's yes. */
export type Announcement =
  | { kind: "done" | "refused"; title: string; body?: ReactNode }
  | { kind: "asked"; approvalId: string };

const AnnounceContext = createContext<(what: Announcement) => void>(() => {});

/** Says it above the page, and to screen readers. */
export const useAnnounce = (): ((what: Announcement) => void) => useContext(AnnounceContext);

const SHOWN_MS = 8_000;

/** Stands outside of pages and dialogs: what is announced outlives the dialog that did it. */
export function Announcements({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<readonly (Announcement & { key: number })[]>([]);
  const announce = useCallback(
    (what: Announcement) => setSaid((before) => [...before.slice(-3), { ...what, key: (before.at(-1)?.key ?? 0) + 1 }]),
    [],
  );
  const drop = (key: number): void => setSaid((before) => before.filter((each) => each.key !== key));
  return (
    <AnnounceContext value={announce}>
      {children}
      <AlertGroup isToast isLiveRegion aria-label="What happened">
        {said.map(({ key, ...what }) => (
          <Said key={key} what={what} onClose={() => drop(key)} />
        ))}
      </AlertGroup>
    </AnnounceContext>
  );
}

function Said({ what, onClose }: { what: Announcement; onClose(): void }) {
  const close = <AlertActionCloseButton onClose={onClose} />;
  if (what.kind !== "asked") {
    const variant = what.kind === "done" ? "success" : "warning";
    return (
      <Alert variant={variant} title={what.title} timeout={SHOWN_MS} onTimeout={onClose} actionClose={close}>
        {what.body}
      </Alert>
    );
  }
  return (
    <Alert
      variant="info"
      title="Asked for. Somebody else must agree."
      actionClose={close}
      // Outside of the router, which the pages alone are in.
      actionLinks={<a href={`/console/access/approvals/${what.approvalId}`}>See the request under Approvals</a>}
    >
      Nothing has changed yet.
    </Alert>
  );
}
