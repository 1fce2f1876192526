import { describe, expect, test } from "vitest";
import type { IdentityScan, MarkAnswer } from "../../src/api/answers";
import { newMark } from "../../src/state/draft";
import { parseRoute, showRoute } from "../../src/state/route";
import {
  agree,
  countLeft,
  findNextPatient,
  hasAgreed,
  listSiteMarks,
  makeLinks,
  nameSites,
  openSites,
  proposeSites,
  readLabel,
  stepSites,
  type Site,
  type SitesDraft,
  type SitesStep,
} from "../../src/state/sites";

const REGIONS = ["skull_vault", "spine_lumbar", "ribs_left", "femur_left", "soft_tissue"];

/** Return scans in the order of time; each mark is its region and what else is said of it. */
function scans(...given: [string, Partial<MarkAnswer>?][][]): IdentityScan[] {
  return given.map((marks, place) => ({
    case: `000${place + 1}`,
    timepoint: "other",
    day: 100 * place,
    evaluable: true,
    marks: marks.map(([region, said], index) => ({ ...newMark([], [region]), mark: String(index + 1), ...said })),
  }));
}

/** Return sites as the keys of their marks. */
function keys(sites: readonly Site[]): string[][] {
  return sites.map((site) => site.marks.map((one) => one.key));
}

function propose(...given: [string, Partial<MarkAnswer>?][][]): string[][] {
  return keys(proposeSites(scans(...given), REGIONS));
}

function take(draft: SitesDraft, ...steps: SitesStep[]): SitesDraft {
  return steps.reduce(stepSites, draft);
}

const at = (x: number, y: number, view: "anterior" | "posterior" = "anterior"): Partial<MarkAnswer> => ({ image: `planar-${view}`, view, x_mm: x, y_mm: y });
const diffuse: Partial<MarkAnswer> = { pattern: "diffuse", extent: 0.5 };

describe("a proposal", () => {
  test("joins marks of one region, from head to foot", () => {
    expect(propose([["femur_left"], ["skull_vault"]], [["skull_vault"], ["ribs_left"]])).toEqual([["0001 2", "0002 1"], ["0002 2"], ["0001 1"]]);
  });

  test("goes on over a scan without the site", () => {
    expect(propose([["femur_left"]], [], [["femur_left"]])).toEqual([["0001 1", "0003 1"]]);
  });

  test("says nothing of marks that share no region", () => {
    expect(propose([["femur_left"]], [["ribs_left"]])).toEqual([["0002 1"], ["0001 1"]]);
  });

  test("takes the same pattern first, and the other one where there is none", () => {
    expect(propose([["ribs_left"], ["ribs_left", diffuse]], [["ribs_left", diffuse]])).toEqual([["0001 1"], ["0001 2", "0002 1"]]);
    expect(propose([["ribs_left"]], [["ribs_left", diffuse]])).toEqual([["0001 1", "0002 1"]]);
  });

  test("takes the nearest place where there are several", () => {
    const found = propose([["ribs_left", at(0, 0)], ["ribs_left", at(0, 90)]], [["ribs_left", at(5, 80)], ["ribs_left", at(5, 10)]]);
    expect(found).toEqual([["0001 1", "0002 2"], ["0001 2", "0002 1"]]);
  });

  test("compares heights alone between front and back, and nothing between spot views", () => {
    const found = propose([["ribs_left", at(10, 0)], ["ribs_left", at(300, 90)]], [["ribs_left", at(10, 88, "posterior")]]);
    expect(found).toEqual([["0001 1"], ["0001 2", "0002 1"]]);
    const spot = { ...at(300, 90), image: "spot-anterior" };
    expect(propose([["ribs_left", at(10, 0)], ["ribs_left", spot]], [["ribs_left", spot]])[0]).toEqual(["0001 1", "0002 1"]);
  });

  test("compares volumes in space", () => {
    const inVolume = (z: number) => ({ image: "spect", x_mm: 0, y_mm: 0, z_mm: z });
    const found = propose([["ribs_left", inVolume(0)], ["ribs_left", inVolume(50)]], [["ribs_left", inVolume(45)]]);
    expect(found).toEqual([["0001 1"], ["0001 2", "0002 1"]]);
  });

  test("keeps what is stored, by label and by the earlier mark", () => {
    const [first, second] = [scans([["ribs_left", { site: "L3" }], ["ribs_left"]], [["femur_left", { site: "L3" }]]), scans([["ribs_left"]], [["femur_left", { from_case: "0001", from_mark: "1" }]])];
    expect(keys(proposeSites(first, REGIONS))).toEqual([["0001 1", "0002 1"], ["0001 2"]]);
    expect(keys(proposeSites(second, REGIONS))).toEqual([["0001 1", "0002 1"]]);
    expect(nameSites(proposeSites(first, REGIONS))).toEqual(["L3", "ribs_left"]);
  });

  test("leaves out scans that are not evaluable", () => {
    const given = scans([["ribs_left"]], [["ribs_left"]], [["ribs_left"]]).map((scan, place) => ({ ...scan, evaluable: place !== 1 }));
    const sites = proposeSites(given, REGIONS);
    expect(keys(sites)).toEqual([["0001 1", "0003 1"]]);
    expect(makeLinks(sites)[1]).toEqual({ case: "0003", mark: "1", site: "ribs_left", from_case: "0001", from_mark: "1" });
  });
});

describe("labels", () => {
  test("are the region, numbered where it has several sites", () => {
    const sites = proposeSites(scans([["ribs_left"], ["ribs_left"], ["ribs_left"]]), REGIONS);
    expect(nameSites(sites)).toEqual(["ribs_left", "ribs_left 2", "ribs_left 3"]);
  });

  test("are never one that is stored", () => {
    const sites = proposeSites(scans([["ribs_left"], ["femur_left", { site: "ribs_left" }]]), REGIONS);
    expect(nameSites(sites)).toEqual(["ribs_left 2", "ribs_left"]);
  });

  test("that were made up are read again", () => {
    expect(readLabel("ribs_left 2", REGIONS)).toEqual({ region: "ribs_left", number: "2" });
    expect(readLabel("femur_left", REGIONS)).toEqual({ region: "femur_left", number: "" });
    expect([readLabel("L3", REGIONS), readLabel("tail 2", REGIONS)]).toEqual([null, null]);
  });
});

describe("a change", () => {
  const begun = openSites(proposeSites(scans([["ribs_left"], ["femur_left"]], [["ribs_left"], ["femur_left"]], [["ribs_left"]]), REGIONS));
  const RIBS = ["0001 1", "0002 1", "0003 1"];
  const FEMUR = ["0001 2", "0002 2"];

  test("parts a mark from its site, below it", () => {
    const parted = take(begun, { do: "select", keys: ["0002 1"] }, { do: "part" });
    expect(keys(parted.content.sites)).toEqual([["0001 1", "0003 1"], ["0002 1"], FEMUR]);
    expect(nameSites(parted.content.sites)).toEqual(["ribs_left", "ribs_left 2", "femur_left"]);
    expect(makeLinks(parted.content.sites).find((one) => one.case === "0003")?.from_case).toBe("0001");
    expect([...parted.content.moved]).toEqual(["0002 1"]);
  });

  test("puts a mark into another row, in order of time", () => {
    const put = take(begun, { do: "select", keys: ["0001 2"] }, { do: "put", site: 0 });
    expect(keys(put.content.sites)).toEqual([["0001 1", "0001 2", "0002 1", "0003 1"], ["0002 2"]]);
    const links = makeLinks(put.content.sites);
    expect(links.filter((one) => one.case === "0001").map((one) => one.from_case)).toEqual([null, null]);
    expect(links.find((one) => one.case === "0002" && one.mark === "1")).toMatchObject({ from_case: "0001", from_mark: "1" });
  });

  test("joins whole sites", () => {
    const joined = take(begun, { do: "select", keys: ["0002 2"] }, { do: "whole" }, { do: "shift", by: -1 });
    expect(keys(joined.content.sites)).toEqual([["0001 1", "0001 2", "0002 1", "0002 2", "0003 1"]]);
  });

  test("is undone and done again", () => {
    const put = take(begun, { do: "select", keys: RIBS }, { do: "put", site: 1 });
    const back = take(put, { do: "undo" });
    expect(keys(back.content.sites)).toEqual([RIBS, FEMUR]);
    expect(take(back, { do: "redo" }).content).toBe(put.content);
    expect(take(begun, { do: "undo" })).toBe(begun);
  });

  test.each<[string, SitesStep[]]>([
    ["nothing is chosen", [{ do: "put", site: 1 }]],
    ["the row is the own one", [{ do: "select", keys: ["0001 1"] }, { do: "put", site: 0 }]],
    ["there is no such row", [{ do: "select", keys: ["0001 1"] }, { do: "put", site: 7 }]],
    ["there is no row above", [{ do: "select", keys: ["0001 1"] }, { do: "shift", by: -1 }]],
    ["the whole site is parted", [{ do: "select", keys: RIBS }, { do: "part" }]],
  ])("is none where %s", (_, steps) => {
    const after = take(begun, ...steps);
    expect(after.content).toBe(begun.content);
    expect(after.past).toEqual([]);
  });

  test("goes by marks that are walked to", () => {
    const walked = (...by: (1 | -1)[]) => take(begun, ...by.map((one) => ({ do: "walk", by: one }) as const)).selected;
    expect(walked(1)).toEqual(["0001 1"]);
    expect(walked(1, 1, 1, 1)).toEqual(["0001 2"]);
    expect(walked(1, -1)).toEqual(["0001 1"]);
    expect(walked(1, 1, 1, 1, 1, 1, 1)).toEqual(["0002 2"]);
    expect(take(begun, { do: "walk", by: 1 }, { do: "whole" }, { do: "whole" }).selected).toEqual(["0001 1"]);
  });
});

/** Random whole numbers below a limit; the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomScans(random: (below: number) => number): IdentityScan[] {
  const given = Array.from({ length: 1 + random(5) }, () =>
    Array.from({ length: random(6) }, (): [string, Partial<MarkAnswer>] => [
      REGIONS[random(REGIONS.length)] ?? "",
      { ...(random(3) ? {} : diffuse), ...(random(2) ? at(random(300), random(900)) : {}), site: random(6) ? null : ["L3", "ribs_left", "x"][random(3)] ?? null },
    ]),
  );
  return scans(...given).map((scan) => ({ ...scan, evaluable: random(6) > 0 }));
}

function randomStep(random: (below: number) => number, draft: SitesDraft): SitesStep {
  const all = draft.content.sites.flatMap((site) => site.marks.map((one) => one.key));
  const by = random(2) ? 1 : -1;
  const steps: SitesStep[] = [
    { do: "select", keys: all.filter(() => !random(4)) },
    { do: "walk", by },
    { do: "whole" },
    { do: "put", site: random(draft.content.sites.length + 1) },
    { do: "shift", by },
    { do: "part" },
    { do: "undo" },
    { do: "redo" },
  ];
  return steps[random(steps.length)] ?? { do: "undo" };
}

describe("whatever is marked and done", () => {
  test.each(Array.from({ length: 300 }, (_, seed) => seed))("each mark is in one site and links lead back in time (%i)", (seed) => {
    const random = numbers(seed);
    const given = randomScans(random);
    let draft = openSites(proposeSites(given, REGIONS));
    const proposed = draft.content.sites.filter((site) => site.label === null);
    for (const site of proposed) expect(new Set(site.marks.map((one) => one.place)).size, "one of each scan is proposed").toBe(site.marks.length);
    for (let step = 0; step < 25; step += 1) draft = stepSites(draft, randomStep(random, draft));

    const { sites } = draft.content;
    const every = listSiteMarks(given).flat().map((one) => one.key).sort();
    expect(sites.flatMap((site) => site.marks.map((one) => one.key)).sort()).toEqual(every);
    expect(sites.every((site) => site.marks.length > 0)).toBe(true);
    expect(sites.every(({ marks }) => marks.every((one, place) => one.place >= (marks[place - 1]?.place ?? 0)))).toBe(true);

    const labels = nameSites(sites);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[^\s]([^\t\n]*[^\s])?$/);

    const links = makeLinks(sites);
    const order = given.map((scan) => scan.case);
    expect(links.map((one) => `${one.case} ${one.mark}`).sort()).toEqual(every);
    for (const { case: number, site, from_case: from, from_mark: mark } of links) {
      const scansWith = links.filter((one) => one.site === site).map((one) => order.indexOf(one.case));
      const before = scansWith.filter((place) => place < order.indexOf(number));
      expect(from === null).toBe(before.length === 0);
      if (from === null) continue;
      expect(order.indexOf(from), "the last earlier scan with the site").toBe(Math.max(...before));
      expect(links.find((one) => one.case === from && one.mark === mark)?.site).toBe(site);
    }

    const stored = given.map((scan) => ({ ...scan, marks: scan.marks.map((mark) => ({ ...mark, ...links.find((one) => one.case === scan.case && one.mark === mark.mark) })) }));
    expect(makeLinks(proposeSites(stored, REGIONS)).map((one) => JSON.stringify(one)).sort(), "what was saved comes back").toEqual(
      links.map((one) => JSON.stringify(one)).sort(),
    );
  });
});

describe("patients", () => {
  const patients = [0, 2, 0].map((version, place) => ({ patient: `P${place + 1}`, version }));

  test("that wait are counted, and the next one found", () => {
    expect(countLeft(patients)).toBe(2);
    expect([null, "P1", "P3"].map((one) => findNextPatient(patients, one))).toEqual(["P1", "P3", "P1"]);
    expect(findNextPatient([{ patient: "P1", version: 1 }], "P1")).toBeNull();
  });

  test("are opened after a warning, once for each account", () => {
    const kept = new Map<string, string>();
    const store = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
    const none = patients.map((one) => ({ ...one, version: 0 }));
    expect([hasAgreed(store, "anne", none), hasAgreed(store, "anne", patients)]).toEqual([false, true]);
    agree(store, "anne");
    expect([hasAgreed(store, "anne", none), hasAgreed(store, "bela", none)]).toEqual([true, false]);
  });

  test("have an address each, whatever they are called", () => {
    for (const patient of ["P1", "Ü/2 #?", "%"]) expect(parseRoute(showRoute({ page: "sites", patient }))).toEqual({ page: "sites", patient });
    expect(parseRoute(showRoute({ page: "sites", patient: null }))).toEqual({ page: "sites", patient: null });
    expect(parseRoute("#/sites/%")).toEqual({ page: "sites", patient: null });
  });
});
