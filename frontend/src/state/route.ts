/** Where in the room one is, kept in the address behind `#`. */

import { useEffect, useState } from "preact/hooks";

export type Route = { page: "list" } | { page: "case"; number: string } | { page: "study" };

export function parseRoute(hash: string): Route {
  const number = /^#\/case\/([0-9]{1,12})$/.exec(hash)?.[1];
  if (number !== undefined) return { page: "case", number };
  return hash === "#/study" ? { page: "study" } : { page: "list" };
}

export function showRoute(route: Route): string {
  return route.page === "case" ? `#/case/${route.number}` : route.page === "study" ? "#/study" : "#/";
}

export function go(route: Route): void {
  location.hash = showRoute(route);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = (): void => setRoute(parseRoute(location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}
