import { useEffect, useState } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "ledgerstone-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
  const value = window.localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

function show(theme: Theme): void {
  document.documentElement.classList.toggle(
    "pf-v6-theme-dark",
    theme === "dark" || (theme === "system" && dark.matches),
  );
}

/** Before the first paint, so that a dark room stays dark. */
export const showStoredTheme = (): void => show(stored());

/** The look, kept in this browser: the only thing that the console stores there. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  useEffect(() => {
    show(theme);
    const follow = () => show(theme);
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, [theme]);
  return [
    theme,
    (next) => {
      window.localStorage.setItem(KEY, next);
      setTheme(next);
    },
  ];
}
