/** What the server answers; `tests/web/test_answer_types.py` compares it with the server's own description. */

export type Role = "administrator" | "data_manager" | "reader" | "adjudicator" | "statistician" | "auditor";
export type ReadState = "unread" | "draft" | "locked";
export type View = "anterior" | "posterior";
export type Side = "left" | "right";
export type Pattern = "focal" | "diffuse";
export type SeenOn = "planar_ant" | "planar_post" | "spot" | "spect";
export type Confidence = "definite" | "probable" | "equivocal";
export type System = "siopen" | "curie";
export type ImageKind = "planar" | "spot" | "spect" | "ct";
export type GradeValue = number | "not_assessable";

export interface SessionAnswer {
  account: string;
  role: Role;
  reader: string | null;
  csrf: string;
  expires: number;
}

export interface StudyAnswer {
  title: string;
  synthetic: boolean;
  design: "independent" | "consensus" | "single";
  entry: "marks" | "grades";
  order: "blinded" | "paired";
  disclaimer: string;
}

export interface CaseAnswer {
  case: string;
  position: number;
  state: ReadState;
  version: number;
  training: boolean;
  patient: string | null;
  timepoint: string | null;
  day: number | null;
  images: boolean;
}

export interface WorklistAnswer {
  cases: CaseAnswer[];
}

export interface MarkAnswer {
  mark: string;
  regions: string[];
  pattern: Pattern;
  extent: number | null;
  seen_on: SeenOn[];
  confidence: Confidence | null;
  site: string | null;
  from_case: string | null;
  from_mark: string | null;
  image: string | null;
  view: View | null;
  x_mm: number | null;
  y_mm: number | null;
  z_mm: number | null;
}

export interface PriorMark extends MarkAnswer {
  case: string | null;
}

export interface GradeAnswer {
  system: System;
  segment: string;
  grade: GradeValue;
}

export interface ClearedAnswer {
  case: string;
  mark: string;
}

export interface SystemScore {
  total: number | null;
  segments: Record<string, GradeValue>;
}

export interface SkeletalScore {
  total: number | null;
}

export interface ScoresAnswer {
  siopen: SystemScore | null;
  curie: SystemScore | null;
  curie_skeletal: SkeletalScore | null;
}

export interface ReadAnswer extends CaseAnswer {
  evaluable: boolean;
  comment: string | null;
  seconds: number | null;
  marks: MarkAnswer[];
  grades: GradeAnswer[];
  cleared: ClearedAnswer[];
  /** The case of the nearest earlier scan, in paired order. */
  earlier: string | null;
  prior: PriorMark[];
  scores: ScoresAnswer;
  signed_at: string | null;
}

export interface StateAnswer {
  case: string;
  state: ReadState;
  version: number;
}

export interface SavedAnswer extends StateAnswer {
  scores: ScoresAnswer;
}

export interface SignatureAnswer {
  signed: StateAnswer[];
}

export interface Placement {
  origin_mm: number[];
  row_direction: number[];
  column_direction: number[];
  step_mm: number[];
}

export interface ImageAnswer {
  image: string;
  kind: ImageKind;
  view: View | null;
  left_at: Side | null;
  rows: number;
  columns: number;
  frames: number;
  spacing_mm: number[] | null;
  placement: Placement | null;
  slope: number;
  intercept: number;
  levels: number[];
  flags: string[];
}

export interface ImagesAnswer {
  case: string;
  state: "ready" | "being_made" | "none";
  images: ImageAnswer[];
}

export interface RegionMapAnswer {
  image: string;
  step_mm: number;
  rows: number;
  columns: number;
  regions: string[];
  first: string;
  second: string;
}

export interface RegionsAnswer {
  case: string;
  fault: string | null;
  maps: RegionMapAnswer[];
}

export interface ProposalAnswer {
  from_case: string;
  from_mark: string;
  image: string;
  view: View | null;
  x_mm: number;
  y_mm: number;
  /** Of a place in a volume. */
  z_mm: number | null;
  error_mm: number;
}

export interface ProposalsAnswer {
  case: string;
  fault: string | null;
  proposals: ProposalAnswer[];
}

export interface LockedRead {
  reader: string;
  signed_at: string | null;
  evaluable: boolean;
  comment: string | null;
  seconds: number | null;
  marks: MarkAnswer[];
  grades: GradeAnswer[];
}

/** One entry of a region's value in a difference. */
export interface ComparedMark {
  pattern: Pattern;
  extent: number | null;
  regions: string[];
}

export type Compared = null | string | number | ComparedMark[];

export interface DifferenceAnswer {
  kind: "evaluable" | "region" | "grade";
  item: string;
  first: Compared;
  second: Compared;
}

export interface DifferencesAnswer {
  case: string;
  reads: LockedRead[];
  differences: DifferenceAnswer[];
}

export interface IdentityPatient {
  patient: string;
  version: number;
}

export interface IdentitiesAnswer {
  patients: IdentityPatient[];
}

export interface IdentityScan {
  case: string;
  timepoint: string;
  day: number;
  evaluable: boolean;
  marks: MarkAnswer[];
}

export interface IdentityAnswer extends IdentityPatient {
  scans: IdentityScan[];
}

export interface IdentitySaved {
  patient: string;
  version: number;
}

export interface AnalysisAnswer {
  id: string;
  requested_by: string;
  requested_at: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  message: string | null;
  audit_head: string | null;
  finished_at: string | null;
  doing: string;
  share: number;
}

export interface ProgressAnswer {
  readers: { reader: string; occasion: string; state: string; cases: number }[];
  scans: { state: string; scans: number }[];
}

/** A row of the table of numbers, as far as the page looks at it. */
export interface NumberRow {
  name: string;
  value: number | null;
  of?: number | null;
}
