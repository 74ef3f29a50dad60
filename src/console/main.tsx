import "@patternfly/react-core/dist/styles/base.css";
import "./console.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { watchAttendance } from "./api/attended.ts";
import { ApiProblem } from "./api/client.ts";
import { NotFound, PageCrashed } from "./app/dead-ends.tsx";
import { FirstPage } from "./app/first-page.tsx";
import { pages } from "./app/pages.tsx";
import { SessionProvider } from "./app/session.tsx";
import { Shell } from "./app/shell.tsx";
import { StepUp } from "./app/step-up.tsx";
import { showStoredTheme } from "./app/theme.ts";
import { Announcements } from "./components/announcements.tsx";

showStoredTheme();
watchAttendance();

const isLost = (error: unknown): boolean => !(error instanceof ApiProblem) || error.problem.status >= 500;
const client = new QueryClient({
  defaultOptions: { queries: { retry: (times, error) => times < 2 && isLost(error), staleTime: 5_000 } },
});

const router = createBrowserRouter(
  [
    {
      element: <Shell />,
      errorElement: <PageCrashed />,
      children: [
        { index: true, element: <FirstPage /> },
        ...pages.map(({ path, Page }) => ({ path, element: <Page />, errorElement: <PageCrashed /> })),
        { path: "*", element: <NotFound /> },
      ],
    },
  ],
  { basename: "/console" },
);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <SessionProvider>
        <Announcements>
          <RouterProvider router={router} />
          <StepUp />
        </Announcements>
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
