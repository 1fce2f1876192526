import { expect, test } from "vitest";
import type { LoadedImage } from "../../src/state/bundles";
import { EMPTY, newMark } from "../../src/state/draft";
import { image } from "./images";
import { seenOn } from "../../src/state/places";
import { findConjugate, mirrorX, showMarks, showProposals } from "../../src/state/shown";

function planar(view: "anterior" | "posterior", left: "left" | "right"): LoadedImage {
  return image({ image: `planar-${view}`, view, left_at: left });
}

const front = planar("anterior", "right");
const back = planar("posterior", "left");

test("a mark has its counterpart at the same height and the same side of the patient", () => {
  const mark = newMark([], ["femur_left"], { image: "planar-anterior", view: "anterior", x_mm: 400, y_mm: 900, seen_on: ["planar_ant"] });
  const [own, other] = showMarks([mark], [front, back]);
  expect(own).toMatchObject({ kind: "focal", image: "planar-anterior", xMm: 400, yMm: 900 });
  expect(other).toMatchObject({ kind: "counterpart", image: "planar-posterior", yMm: 900 });
  expect(other!.xMm).toBeCloseTo(255 * 2.4 - 400);
  expect(mirrorX(mirrorX(123, front, back), back, front)).toBeCloseTo(123);
  const both = showMarks([{ ...mark, seen_on: ["planar_ant", "planar_post"] }], [front, back]);
  expect(both.map((one) => one.kind)).toEqual(["focal", "focal"]);
});

test("views of another matrix are no conjugates", () => {
  expect(findConjugate(front, [back])).toBe(back);
  expect(findConjugate(front, [{ ...back, columns: 512 }])).toBeNull();
  expect(mirrorX(100, front, { ...back, left_at: "right" })).toBe(100);
});

test("images say on what a lesion was seen", () => {
  expect([front, back, { ...front, kind: "spot" as const }, { ...front, kind: "ct" as const }].map(seenOn)).toEqual([
    "planar_ant",
    "planar_post",
    "spot",
    "spect",
  ]);
});

test("what is settled is not proposed any more", () => {
  const priors = ["a", "b"].map((label) => ({ ...newMark([], ["sacrum"]), mark: label, case: "0001", image: "planar-posterior", x_mm: 1, y_mm: 2 }));
  const proposals = priors.map((one) => ({ from_case: "0001", from_mark: one.mark, image: "planar-posterior", view: "posterior" as const, x_mm: 5, y_mm: 6, z_mm: null, error_mm: 8 }));
  const shown = showProposals({ ...EMPTY, cleared: [{ case: "0001", mark: "a" }] }, priors, proposals);
  expect(shown.filter((one) => one.kind === "proposal").map((one) => one.id)).toEqual(["b"]);
  expect(shown.filter((one) => one.kind === "earlier" && one.earlier)).toHaveLength(2);
});
