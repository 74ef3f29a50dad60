import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { get } from "../api/client.ts";
import { ProblemAlert } from "./problem.tsx";
import { Waiting } from "./waiting.tsx";

type Load<T> = { path: string; label: string; refreshSeconds?: number; children(data: T): ReactNode };

/** One thing of the API: a spinner, what went wrong, or what `children` makes of it. */
export function Load<T>({ path, label, refreshSeconds, children }: Load<T>) {
  const { data, error, refetch } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => get<T>(path, { signal }),
    ...(refreshSeconds && { refetchInterval: refreshSeconds * 1000 }),
  });
  if (data !== undefined) return children(data);
  if (error) return <ProblemAlert error={error} onRetry={refetch} />;
  return <Waiting label={label} />;
}
