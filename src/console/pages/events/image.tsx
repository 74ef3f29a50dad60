import { Skeleton } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useCan } from "../../app/session.tsx";

/** An image's bytes as the API gives them, held by this page alone. Each look is told in the ledger. */
function useImage(path: string, isWanted: boolean): { url: string | null; isMissing: boolean } {
  const { data, isError } = useQuery({
    queryKey: ["image", path],
    queryFn: async ({ signal }) => {
      const response = await fetch(path, { credentials: "same-origin", signal });
      if (!response.ok) throw new Error(`no image: ${response.status}`);
      return response.blob();
    },
    enabled: isWanted,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return { url, isMissing: isError };
}

type ImageProps = { eventId: string; n: number };

const pathOf = ({ eventId, n }: ImageProps): string => `/api/v1/events/${encodeURIComponent(eventId)}/images/${n}`;
const nameOf = ({ n }: ImageProps): string => `Taken with the event, number ${n + 1}`;

/** Asked for when it comes into view: a look is told in the ledger, and a page may have hundreds. */
export function Thumbnail({ isSmall, siteId, ...image }: ImageProps & { siteId: string; isSmall?: boolean }) {
  const can = useCan();
  const mayLook = can("images:read", siteId);
  const [place, isSeen] = useSeen();
  const { url, isMissing } = useImage(`${pathOf(image)}/thumbnail`, mayLook && isSeen);
  if (!mayLook) return <>not shown to you</>;
  if (isMissing) return <>none now</>;
  const size = isSmall ? { width: 72, height: 48 } : {};
  if (!url) {
    return (
      <div ref={place}>
        <Skeleton width={isSmall ? "72px" : "14rem"} height={isSmall ? "48px" : "9rem"} />
      </div>
    );
  }
  return <img src={url} alt={nameOf(image)} className={isSmall ? "ls-small" : ""} {...size} />;
}

/** Whether an element has come into view once. */
function useSeen(): [RefObject<HTMLDivElement | null>, boolean] {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (isSeen || !place.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((each) => each.isIntersecting) && setSeen(true),
      {
        rootMargin: "200px",
      },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isSeen]);
  return [place, isSeen];
}

/** `zoom`: null fits it into the window; else of its own size. */
export function WholeImage({ zoom, ...image }: ImageProps & { zoom: number | null }) {
  const { url, isMissing } = useImage(pathOf(image), true);
  const [width, setWidth] = useState<number | null>(null);
  if (isMissing) return <>The image cannot be read: it may have been erased meanwhile.</>;
  if (!url) return <Skeleton height="24rem" screenreaderText="Loading the image" />;
  const size = zoom === null || width === null ? { className: "ls-whole" } : { width: Math.round(width * zoom) };
  return (
    <img src={url} alt={nameOf(image)} onLoad={({ currentTarget }) => setWidth(currentTarget.naturalWidth)} {...size} />
  );
}
