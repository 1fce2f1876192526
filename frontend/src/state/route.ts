/** Where in the room one is, kept in the address behind `#`. */

import { useEffect, useState } from "preact/hooks";

export type Route = { page: "list" } | { page: "case"; number: string } | { page: "sites"; patient: string | null } | { page: "study" };

export function parseRoute(hash: string): Route {
  const number = /^#\/case\/([0-9]{1,12})$/.exec(hash)?.[1];
  if (number !== undefined) return { page: "case", number };
  const sites = /^#\/sites(?:\/(.+))?$/.exec(hash);
  if (sites) return { page: "sites", patient: sites[1] === undefined ? null : decode(sites[1]) };
  return hash === "#/study" ? { page: "study" } : { page: "list" };
}

/** Return what was written in the address; an address that somebody mistyped names nobody. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export function showRoute(route: Route): string {
  if (route.page === "case") return `#/case/${route.number}`;
  if (route.page === "sites") return route.patient === null ? "#/sites" : `#/sites/${encodeURIComponent(route.patient)}`;
  return route.page === "study" ? "#/study" : "#/";
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
