/** The content of a read while it is made: what can be done to it, and back again. */

import type { ClearedAnswer, GradeAnswer, GradeValue, MarkAnswer, PriorMark, ProposalAnswer, System } from "../api/answers";

export interface Content {
  evaluable: boolean;
  comment: string | null;
  marks: readonly MarkAnswer[];
  grades: readonly GradeAnswer[];
  cleared: readonly ClearedAnswer[];
  /** Of a consensus: items that are settled although the rest does not show it. The server has no place for them. */
  settled: readonly string[];
}

export interface Draft {
  content: Content;
  /** What can be undone and redone, the nearest last. */
  past: readonly Content[];
  future: readonly Content[];
  /** Label of the mark that the keys work on. */
  selected: string | null;
}

export type Step =
  | { do: "open"; content: Content }
  | { do: "select"; mark: string | null }
  | { do: "add"; region: string; place?: Partial<MarkAnswer> | undefined }
  | { do: "change"; mark: string; changes: Partial<MarkAnswer> }
  | { do: "remove"; mark: string }
  | { do: "confirm"; prior: PriorMark; proposal: ProposalAnswer | null }
  | { do: "clear"; priors: readonly PriorMark[] }
  | { do: "grade"; grades: readonly GradeAnswer[] }
  | { do: "ungrade"; system: System; segment: string }
  | { do: "replace"; content: Content }
  | { do: "evaluable"; evaluable: boolean }
  | { do: "comment"; comment: string }
  | { do: "undo" }
  | { do: "redo" };

export const EMPTY: Content = { evaluable: true, comment: null, marks: [], grades: [], cleared: [], settled: [] };

export function openDraft(content: Content): Draft {
  return { content, past: [], future: [], selected: null };
}

/** Return the draft after a step; a step that changes nothing gives the same draft. */
export function stepDraft(draft: Draft, step: Step): Draft {
  switch (step.do) {
    case "open":
      return openDraft(step.content);
    case "select":
      return draft.selected === step.mark ? draft : { ...draft, selected: step.mark };
    case "undo":
      return travel(draft, draft.past, draft.future, true);
    case "redo":
      return travel(draft, draft.future, draft.past, false);
    default: {
      const content = changeContent(draft.content, step);
      if (saysSame(draft.content, content)) return draft;
      return { content, past: [...draft.past, draft.content], future: [], selected: selectAfter(draft, step, content) };
    }
  }
}

type Change = Exclude<Step, { do: "open" | "select" | "undo" | "redo" }>;

function changeContent(content: Content, step: Change): Content {
  switch (step.do) {
    case "add":
      return { ...content, marks: [...content.marks, newMark(content.marks, [step.region], step.place)] };
    case "change":
      return { ...content, marks: content.marks.map((one) => (one.mark === step.mark ? { ...one, ...step.changes } : one)) };
    case "remove":
      return { ...content, marks: content.marks.filter((one) => one.mark !== step.mark) };
    case "confirm":
      return confirm(content, step.prior, step.proposal);
    case "clear":
      return clear(content, step.priors);
    case "grade": {
      const others = content.grades.filter((one) => !step.grades.some((given) => isSame(one, given)));
      return { ...content, grades: [...others, ...step.grades] };
    }
    case "ungrade":
      return { ...content, grades: content.grades.filter((one) => !isSame(one, step)) };
    case "replace":
      return step.content;
    case "evaluable":
      return { ...content, evaluable: step.evaluable };
    case "comment":
      return { ...content, comment: step.comment.trim() ? step.comment : null };
  }
}

/** Return whether two contents say the same; in which order grades were given says nothing. */
function saysSame(one: Content, other: Content): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical({ evaluable, comment, marks, grades, cleared, settled }: Content): string {
  const given = grades.map(({ system, segment, grade }) => `${system} ${segment} ${grade}`).sort();
  return JSON.stringify([evaluable, comment, marks, given, cleared, settled]);
}

function travel(draft: Draft, from: readonly Content[], to: readonly Content[], back: boolean): Draft {
  const content = from.at(-1);
  if (!content) return draft;
  const [left, grown] = [from.slice(0, -1), [...to, draft.content]];
  const selected = content.marks.some((one) => one.mark === draft.selected) ? draft.selected : null;
  return { content, past: back ? left : grown, future: back ? grown : left, selected };
}

function selectAfter(draft: Draft, step: Change, content: Content): string | null {
  if (step.do === "add" || step.do === "confirm") return content.marks.at(-1)?.mark ?? null;
  if (step.do === "remove" && draft.selected === step.mark) return null;
  if (step.do === "replace") return draft.content.marks.find((one) => one.mark === draft.selected && content.marks.includes(one))?.mark ?? null;
  return draft.selected;
}

function isSame(one: { system: System; segment: string }, other: { system: System; segment: string }): boolean {
  return one.system === other.system && one.segment === other.segment;
}

/** Return a label that no mark has: the number after the highest. */
export function nextLabel(marks: readonly MarkAnswer[]): string {
  const numbers = marks.map((one) => Number(one.mark)).filter(Number.isInteger);
  return String(Math.max(0, ...numbers) + 1);
}

export function newMark(marks: readonly MarkAnswer[], regions: readonly string[], place: Partial<MarkAnswer> = {}): MarkAnswer {
  return {
    mark: nextLabel(marks),
    regions: [...regions],
    pattern: "focal",
    extent: null,
    seen_on: [],
    confidence: null,
    site: null,
    from_case: null,
    from_mark: null,
    image: null,
    view: null,
    x_mm: null,
    y_mm: null,
    z_mm: null,
    ...place,
  };
}

/** Return whether a mark of this read continues a prior one. */
export function continues(mark: MarkAnswer, prior: PriorMark): boolean {
  return mark.from_case === prior.case && mark.from_mark === prior.mark;
}

/** Return the prior marks that were neither confirmed nor cleared. */
export function listPending(content: Omit<Content, "settled">, priors: readonly PriorMark[]): PriorMark[] {
  if (!content.evaluable) return [];
  return priors.filter(
    (prior) =>
      !content.marks.some((mark) => continues(mark, prior)) &&
      !content.cleared.some((one) => one.case === prior.case && one.mark === prior.mark),
  );
}

function confirm(content: Content, prior: PriorMark, proposal: ProposalAnswer | null): Content {
  if (content.marks.some((mark) => continues(mark, prior))) return content;
  const place = proposal
    ? { image: proposal.image, view: proposal.view, x_mm: proposal.x_mm, y_mm: proposal.y_mm, z_mm: proposal.z_mm }
    : {};
  const mark = newMark(content.marks, prior.regions, {
    pattern: prior.pattern,
    extent: prior.extent,
    seen_on: prior.seen_on,
    confidence: prior.confidence,
    site: prior.site,
    from_case: prior.case,
    from_mark: prior.mark,
    ...place,
  });
  return { ...content, marks: [...content.marks, mark], cleared: without(content.cleared, [prior]) };
}

function clear(content: Content, priors: readonly PriorMark[]): Content {
  if (!priors.length) return content;
  const cleared = priors.flatMap((prior) => (prior.case ? [{ case: prior.case, mark: prior.mark }] : []));
  const marks = content.marks.filter((mark) => !priors.some((prior) => continues(mark, prior)));
  return { ...content, marks, cleared: [...without(content.cleared, priors), ...cleared] };
}

function without(cleared: readonly ClearedAnswer[], priors: readonly PriorMark[]): ClearedAnswer[] {
  return cleared.filter((one) => !priors.some((prior) => prior.case === one.case && prior.mark === one.mark));
}

export function gradeOf(content: Pick<Content, "grades">, system: System, segment: string): GradeValue | null {
  return content.grades.find((one) => one.system === system && one.segment === segment)?.grade ?? null;
}
