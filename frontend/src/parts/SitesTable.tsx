/** The marks of a patient: a column for each scan in the order of time, a row for each site. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { IdentityScan } from "../api/answers";
import { listSiteMarks, nameSites, readLabel, type Site, type SiteMark, type SitesDraft, type SitesStep } from "../state/sites";
import { useWords } from "../words";
import { REGIONS } from "./codes";
import { countRegions, describePattern } from "./MarksPanel";
import { SkeletonMap } from "./SkeletonMap";

interface Props {
  scans: readonly IdentityScan[];
  draft: SitesDraft;
  send: (step: SitesStep) => void;
}

/** Return how sites are written on the page; labels that were made up here in the language of the reader. */
function useSiteNames(): (label: string) => string {
  const { nameOf } = useWords();
  return (label) => {
    const made = readLabel(label, REGIONS);
    return made ? `${nameOf("region", made.region)} ${made.number}`.trim() : label;
  };
}

export function SitesTable({ scans, draft, send }: Props) {
  const { say } = useWords();
  const nameSite = useSiteNames();
  const table = useRef<HTMLTableElement | null>(null);
  const { content, selected } = draft;
  const labels = nameSites(content.sites);
  const [first] = selected;
  useLayoutEffect(() => {
    const chosen = first === undefined ? null : [...(table.current?.querySelectorAll<HTMLElement>("[data-mark]") ?? [])].find((one) => one.dataset["mark"] === first);
    chosen?.focus(); // it may stand in another row now
  }, [first, content]);

  const isIn = (site: Site): boolean => site.marks.some((one) => selected.includes(one.key));
  const takeRow = (site: Site, row: number): void => {
    if (selected.length && !isIn(site)) send({ do: "put", site: row });
    else send({ do: "select", keys: isIn(site) && selected.length === site.marks.length ? [] : site.marks.map((one) => one.key) });
  };
  return (
    <div class="sites-table">
      <table ref={table}>
        <thead>
          <tr>
            <th scope="col">{say("site")}</th>
            {scans.map((scan, place) => <ScanHead key={scan.case} {...{ scan, place, scans, draft, send }} />)}
          </tr>
        </thead>
        <tbody>
          {content.sites.map((site, row) => (
            <tr key={site.marks[0]?.key} class={isIn(site) ? "current" : ""}>
              <th scope="row">
                <button class="row-name" onClick={() => takeRow(site, row)}><b>{row + 1}</b> {nameSite(labels[row] ?? "")}</button>
              </th>
              {scans.map((scan, place) => (
                <td key={scan.case}>
                  {site.marks.filter((one) => one.place === place).map((one) => <Chip key={one.key} {...{ one, draft, send }} />)}
                  {!site.marks.some((one) => one.place === place) && (
                    <span class="quiet">
                      <span aria-hidden="true">{scan.evaluable ? "–" : "?"}</span>
                      <span class="unseen">{say(scan.evaluable ? "sites_unmarked" : "not_evaluable")}</span>
                    </span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ScanHead({ scan, place, scans, draft, send }: Props & { scan: IdentityScan; place: number }) {
  const { say, nameOf } = useWords();
  const marks = listSiteMarks(scans)[place] ?? [];
  const chosen = draft.content.sites.flatMap((site) => site.marks.filter((one) => draft.selected.includes(one.key)));
  const choose = (region: string): void => {
    const found = marks.find((one) => one.mark.regions.includes(region));
    if (found) send({ do: "select", keys: [found.key] });
  };
  return (
    <th scope="col">
      <span class="when">{nameOf("timepoint", scan.timepoint)}</span>
      <span class="quiet">
        {say("day", { day: scan.day })} ·{" "}
        <a href={`#/case/${scan.case}`} target="_blank" rel="noreferrer" title={say("sites_look_again", { case: scan.case })}>{say("sites_look", { case: scan.case })}</a>
      </span>
      {scan.evaluable ? (
        <SkeletonMap
          counts={countRegions(marks.map((one) => one.mark))}
          selected={chosen.flatMap((one) => one.mark.regions)}
          disabled={false}
          onRegion={choose}
        />
      ) : (
        <p class="provisional">{say("not_evaluable")}</p>
      )}
    </th>
  );
}

function Chip({ one, draft, send }: { one: SiteMark; draft: SitesDraft; send: (step: SitesStep) => void }) {
  const { say, nameOf } = useWords();
  const { mark, key } = one;
  const isChosen = draft.selected.includes(key);
  const isProposed = mark.site === null && !draft.content.moved.has(key);
  return (
    <button
      class={isProposed ? "chip proposed" : "chip"}
      data-mark={key}
      aria-pressed={isChosen}
      onClick={() => send({ do: "select", keys: isChosen && draft.selected.length === 1 ? [] : [key] })}
    >
      <b>{mark.mark}</b> {mark.regions.map((region) => nameOf("region", region)).join(say("comma"))} ·{" "}
      <span class="quiet">{describePattern(mark, nameOf)}</span>
    </button>
  );
}
