import { Card, CardBody, CardFooter, CardTitle, Skeleton } from "@patternfly/react-core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { get, type Query } from "../api/client.ts";
import { ProblemAlert } from "./problem.tsx";

const FRESH_MS = 60_000;
const ASK_EVERY_MS = 300_000;

type DataCard<T> = {
  title: string;
  /** Below /api/v1/. */
  path: string;
  query?: Query;
  /** Where there is more. */
  more?: { to: string; title: string };
  children(data: T): ReactNode;
};

/** One thing of the API in a card: lines while it comes, what went wrong, or what `children` makes of it. */
export function DataCard<T>({ title, path, query, more, children }: DataCard<T>) {
  const { data, error, refetch } = useQuery({
    queryKey: [path, query],
    queryFn: ({ signal }) => get<T>(path, { query, signal }),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    refetchInterval: ASK_EVERY_MS,
  });
  return (
    <Card isFullHeight>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        {data !== undefined ? (
          children(data)
        ) : error ? (
          <ProblemAlert error={error} onRetry={refetch} />
        ) : (
          <>
            <Skeleton screenreaderText={`Reading: ${title}`} />
            <br />
            <Skeleton width="60%" />
          </>
        )}
      </CardBody>
      {more && (
        <CardFooter>
          <Link to={more.to}>{more.title}</Link>
        </CardFooter>
      )}
    </Card>
  );
}
