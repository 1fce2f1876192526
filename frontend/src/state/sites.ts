/** Which marks on the scans of a patient are the same site: what is proposed, how it is changed, what is saved. */

import type { IdentityPatient, IdentityScan, MarkAnswer } from "../api/answers";
import type { IdentityLink } from "../api/client";

/** A mark with the place of its scan in the order of time, and its own place in the scan. */
export interface SiteMark {
  key: string;
  place: number;
  index: number;
  case: string;
  mark: MarkAnswer;
}

/** Marks that are one site, by the place of their scans; `label` is the stored one, null where one is made up. */
export interface Site {
  label: string | null;
  marks: readonly SiteMark[];
}

export interface SitesContent {
  sites: readonly Site[];
  /** Keys of marks that the reader put where they are; the others are proposed or were saved before. */
  moved: ReadonlySet<string>;
}

export interface SitesDraft {
  content: SitesContent;
  /** What can be undone and redone, the nearest last. */
  past: readonly SitesContent[];
  future: readonly SitesContent[];
  /** Keys of the marks that the reader works on. */
  selected: readonly string[];
}

export type SitesStep =
  | { do: "select"; keys: readonly string[] }
  /** Choose the next or previous mark in the order of the table. */
  | { do: "walk"; by: 1 | -1 }
  /** Choose every mark of the site of the chosen one, or that one alone again. */
  | { do: "whole" }
  | { do: "put"; site: number }
  /** Put the chosen marks into the site below or above theirs. */
  | { do: "shift"; by: 1 | -1 }
  /** Make the chosen marks a site of their own. */
  | { do: "part" }
  | { do: "undo" }
  | { do: "redo" };

/** Return the marks of the scans that count, by scan. */
export function listSiteMarks(scans: readonly IdentityScan[]): SiteMark[][] {
  return scans.map((scan, place) =>
    scan.evaluable ? scan.marks.map((mark, index) => ({ key: nameKey(scan.case, mark.mark), place, index, case: scan.case, mark })) : [],
  );
}

function nameKey(number: string, mark: string): string {
  return `${number} ${mark}`;
}

/**
 * Return the sites as they are stored, and for marks without one a proposal.
 *
 * @param order Every region from head to foot; the sites come in this order.
 */
export function proposeSites(scans: readonly IdentityScan[], order: readonly string[]): Site[] {
  const sites: { label: string | null; marks: SiteMark[] }[] = [];
  for (const marks of listSiteMarks(scans)) {
    const waiting: SiteMark[] = [];
    for (const one of marks) {
      const { site: label, from_case: number, from_mark: from } = one.mark;
      const source = nameKey(number ?? "", from ?? "");
      const known = sites.find((site) =>
        label === null ? site.marks.some((mark) => mark.key === source && mark.place < one.place) : site.label === label,
      );
      if (known) known.marks.push(one);
      else if (label !== null) sites.push({ label, marks: [one] });
      else waiting.push(one);
    }
    const paired = pairMarks(sites, waiting);
    for (const one of waiting) {
      const site = paired.get(one);
      if (site) site.marks.push(one);
      else sites.push({ label: null, marks: [one] });
    }
  }
  const rank = (site: Site): number => order.indexOf(site.marks[0]?.mark.regions[0] ?? "");
  return [...sites].sort((one, other) => rank(one) - rank(other));
}

/** Return the site that is proposed for each mark of a scan: a site has at most one of them, and a mark at most one site. */
function pairMarks<T extends Site>(sites: readonly T[], marks: readonly SiteMark[]): Map<SiteMark, T> {
  const pairs = marks.flatMap((mark) =>
    sites.flatMap((site) => {
      if (site.marks.some((one) => one.place >= mark.place)) return [];
      const nearest = findNearest(site, mark);
      return nearest && sharesRegion(nearest.mark, mark.mark) ? [{ mark, site, cost: costs(nearest, mark) }] : [];
    }),
  );
  pairs.sort((one, other) => compare(one.cost, other.cost));
  const found = new Map<SiteMark, T>();
  const taken = new Set<T>();
  for (const { mark, site } of pairs) {
    if (found.has(mark) || taken.has(site)) continue;
    found.set(mark, site);
    taken.add(site);
  }
  return found;
}

/** Return the mark of a site that another one continues: of the last earlier scan with the site, the most similar. */
function findNearest(site: Site, mark: SiteMark): SiteMark | null {
  const earlier = site.marks.filter((one) => one.place < mark.place);
  const last = Math.max(...earlier.map((one) => one.place));
  const candidates = earlier.filter((one) => one.place === last);
  candidates.sort((one, other) => compare(costs(one, mark), costs(other, mark)));
  return candidates[0] ?? null;
}

/** How little two marks look like one site; what stands first outweighs what follows. */
type Costs = readonly [otherRegion: number, otherPattern: number, scansApart: number, millimetres: number];

function costs(earlier: SiteMark, later: SiteMark): Costs {
  return [
    sharesRegion(earlier.mark, later.mark) ? 0 : 1,
    earlier.mark.pattern === later.mark.pattern ? 0 : 1,
    later.place - earlier.place,
    distance(earlier.mark, later.mark),
  ];
}

function compare(one: Costs, other: Costs): number {
  for (const [place, value] of one.entries()) {
    const against = other[place] ?? 0;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}

function sharesRegion(one: MarkAnswer, other: MarkAnswer): boolean {
  return one.regions.some((region) => other.regions.includes(region));
}

/** Return how far two marks lie apart on their images, in millimetres; endless where that cannot be said. */
function distance(one: MarkAnswer, other: MarkAnswer): number {
  if (one.x_mm === null || one.y_mm === null || other.x_mm === null || other.y_mm === null) return Infinity;
  const [across, down] = [one.x_mm - other.x_mm, one.y_mm - other.y_mm];
  if (one.z_mm !== null && other.z_mm !== null) return Math.hypot(across, down, one.z_mm - other.z_mm);
  const wholeBody = [one, other].every((mark) => mark.z_mm === null && mark.image?.startsWith("planar"));
  if (!wholeBody) return Infinity;
  return one.view === other.view ? Math.hypot(across, down) : Math.abs(down); // seen from behind, the sides are exchanged
}

const MADE_UP = /^([a-z_]+?)(?: ([0-9]+))?$/;

/** Return the label of each site: the stored one, else the region of its first mark, numbered where it is not the first. */
export function nameSites(sites: readonly Site[]): string[] {
  const taken = new Set(sites.map((site) => site.label));
  return sites.map(({ label, marks }) => {
    if (label !== null) return label;
    const region = marks[0]?.mark.regions[0] ?? "site";
    let name = region;
    for (let number = 2; taken.has(name); number += 1) name = `${region} ${number}`;
    taken.add(name);
    return name;
  });
}

/** Return the region and the number of a label that was made up here; others stand for themselves. */
export function readLabel(label: string, regions: readonly string[]): { region: string; number: string } | null {
  const [, region, number] = MADE_UP.exec(label) ?? [];
  return region !== undefined && regions.includes(region) ? { region, number: number ?? "" } : null;
}

/** Return what is saved: the site of every mark, and the mark on the last earlier scan with the site that it continues. */
export function makeLinks(sites: readonly Site[]): IdentityLink[] {
  const labels = nameSites(sites);
  return sites.flatMap((site, row) =>
    site.marks.map((one) => {
      const from = findNearest(site, one);
      return {
        case: one.case,
        mark: one.mark.mark,
        site: labels[row] ?? null,
        from_case: from?.case ?? null,
        from_mark: from?.mark.mark ?? null,
      };
    }),
  );
}

export function openSites(sites: readonly Site[]): SitesDraft {
  return { content: { sites, moved: new Set() }, past: [], future: [], selected: [] };
}

/** Return the draft after a step; a step that changes nothing gives the same draft. */
export function stepSites(draft: SitesDraft, step: SitesStep): SitesDraft {
  const { content, selected, past, future } = draft;
  switch (step.do) {
    case "select":
      return { ...draft, selected: step.keys };
    case "walk":
      return { ...draft, selected: walk(content.sites, selected, step.by) };
    case "whole":
      return { ...draft, selected: chooseWhole(content.sites, selected) };
    case "undo":
      return travel(draft, past, future, true);
    case "redo":
      return travel(draft, future, past, false);
    case "put":
      return change(draft, step.site);
    case "shift": {
      const own = content.sites.flatMap((site, row) => (site.marks.some((one) => selected.includes(one.key)) ? [row] : []));
      return own.length ? change(draft, (step.by > 0 ? Math.max(...own) : Math.min(...own)) + step.by) : draft;
    }
    case "part":
      return change(draft, null);
  }
}

function walk(sites: readonly Site[], selected: readonly string[], by: 1 | -1): readonly string[] {
  const keys = sites.flatMap((site) => site.marks.map((one) => one.key));
  const from = keys.findIndex((key) => selected.includes(key));
  const to = keys[Math.min(Math.max(from + by, 0), keys.length - 1)];
  return to === undefined ? [] : [to];
}

function chooseWhole(sites: readonly Site[], selected: readonly string[]): readonly string[] {
  const [first] = selected;
  if (first === undefined) return [];
  const site = sites.find(({ marks }) => marks.some((one) => one.key === first));
  const all = site?.marks.map((one) => one.key) ?? [];
  return selected.length > 1 ? [first] : [first, ...all.filter((key) => key !== first)];
}

/** Put the chosen marks into a site, or with null into one of their own below the one where the first of them was. */
function change(draft: SitesDraft, target: number | null): SitesDraft {
  const { content, selected, past } = draft;
  const sites = moveMarks(content.sites, selected, target);
  if (sites === content.sites) return draft;
  const moved = new Set([...content.moved, ...selected]);
  return { content: { sites, moved }, past: [...past, content], future: [], selected };
}

function moveMarks(sites: readonly Site[], keys: readonly string[], target: number | null): readonly Site[] {
  const isChosen = (one: SiteMark): boolean => keys.includes(one.key);
  const chosen = sites.flatMap((site) => site.marks.filter(isChosen));
  const into = target === null ? null : sites[target];
  if (!chosen.length || into === undefined) return sites;
  const isOne = (site: Site): boolean => chosen.every((one) => site.marks.includes(one));
  if (into ? isOne(into) : sites.some((site) => isOne(site) && site.marks.length === chosen.length)) return sites;
  const first = sites.find((site) => site.marks.some(isChosen));
  const changed = sites.flatMap((site) => {
    const left = site.marks.filter((one) => !isChosen(one));
    const grown = site === into ? [...left, ...chosen] : left;
    const own = into === null && site === first ? [{ label: null, marks: inTime(chosen) }] : [];
    return [{ ...site, marks: inTime(grown) }, ...own];
  });
  return changed.filter((site) => site.marks.length);
}

function inTime(marks: readonly SiteMark[]): SiteMark[] {
  return [...marks].sort((one, other) => one.place - other.place || one.index - other.index);
}

function travel(draft: SitesDraft, from: readonly SitesContent[], to: readonly SitesContent[], back: boolean): SitesDraft {
  const content = from.at(-1);
  if (!content) return draft;
  const [left, grown] = [from.slice(0, -1), [...to, draft.content]];
  return { content, past: back ? left : grown, future: back ? grown : left, selected: draft.selected };
}

/** Return how many patients wait: version 0 says that their sites were never saved. */
export function countLeft(patients: readonly IdentityPatient[]): number {
  return patients.filter((one) => one.version === 0).length;
}

/** Return the next patient whose sites are not named, after this one or from the beginning. */
export function findNextPatient(patients: readonly IdentityPatient[], patient: string | null): string | null {
  const place = patients.findIndex((one) => one.patient === patient);
  const later = [...patients.slice(place + 1), ...patients.slice(0, Math.max(place, 0))];
  return later.find((one) => one.version === 0)?.patient ?? null;
}

type Store = Pick<Storage, "getItem" | "setItem">;

function nameStored(account: string): string {
  return `residuum.sites.${account}`;
}

/** Whether the reader was told, and took it, that reads stay locked once sites are named. */
export function hasAgreed(store: Store, account: string, patients: readonly IdentityPatient[]): boolean {
  return countLeft(patients) < patients.length || store.getItem(nameStored(account)) === "yes";
}

export function agree(store: Store, account: string): void {
  store.setItem(nameStored(account), "yes");
}
