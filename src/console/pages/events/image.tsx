import { Skeleton } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
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

export function Thumbnail({ isSmall, ...image }: ImageProps & { isSmall?: boolean }) {
  const can = useCan();
  const mayLook = can("images:read");
  const { url, isMissing } = useImage(`${pathOf(image)}/thumbnail`, mayLook);
  if (!mayLook) return <>not shown to you</>;
  if (isMissing) return <>none now</>;
  const size = isSmall ? { width: 72, height: 48 } : {};
  if (!url) return <Skeleton width={isSmall ? "72px" : "14rem"} height={isSmall ? "48px" : "9rem"} />;
  return (
    <img
      src={url}
      alt={`Taken with the event, number ${image.n + 1}`}
      className={isSmall ? "ls-small" : ""}
      {...size}
    />
  );
}

export function WholeImage(image: ImageProps) {
  const { url, isMissing } = useImage(pathOf(image), true);
  if (isMissing) return <>The image cannot be read: it may have been erased meanwhile.</>;
  if (!url) return <Skeleton height="24rem" screenreaderText="Loading the image" />;
  return <img src={url} alt={`Taken with the event, number ${image.n + 1}`} className="ls-whole" />;
}
