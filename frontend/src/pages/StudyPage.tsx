/** For data managers and statisticians: how far the reading has come, and what the study yields so far. */

import { useEffect, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { AnalysisAnswer, NumberRow, ProgressAnswer } from "../api/answers";
import { useRoom } from "../state/room";
import { useWords, type Word } from "../words";
import { speakRefusal } from "../words/speaking";

const POLL_MS = 1000;
const FLOW = ["flow.source", "flow.avid_at_diagnosis", "flow.evaluable_after_hdc", "flow.persistent_after_hdc"] as const;
const PATTERNS = [
  "pattern.patient.persistent_only",
  "pattern.patient.recurred_only",
  "pattern.patient.new_only",
  "pattern.patient.mixed",
  "pattern.patient.non_skeletal",
  "pattern.patient.unknown",
] as const;

export function StudyPage() {
  const { session } = useRoom();
  const { say } = useWords();
  const manages = session.role === "data_manager";
  if (!manages && session.role !== "statistician") return <main class="notice"><p>{say("nothing_here")}</p></main>;
  return (
    <main class="study-page">
      {manages && <Progress />}
      <Analyses />
    </main>
  );
}

function Progress() {
  const { say, nameOf } = useWords();
  const [progress, setProgress] = useState<ProgressAnswer | null>(null);
  useEffect(() => {
    api.progress().then(setProgress, () => undefined);
  }, []);
  if (!progress) return null;
  const readers = [...new Set(progress.readers.map((one) => one.reader))];
  const count = (reader: string, state: string): number =>
    progress.readers.filter((one) => one.reader === reader && one.state === state).reduce((sum, one) => sum + one.cases, 0);
  const states = ["unread", "draft", "locked"];
  return (
    <section aria-labelledby="progress">
      <h2 id="progress">{say("reading_progress")}</h2>
      <table>
        <thead>
          <tr><th scope="col">{say("reader")}</th>{states.map((state) => <th key={state} scope="col">{nameOf("state", state)}</th>)}</tr>
        </thead>
        <tbody>
          {readers.map((reader) => (
            <tr key={reader}><th scope="row">{reader}</th>{states.map((state) => <td key={state}>{count(reader, state)}</td>)}</tr>
          ))}
        </tbody>
      </table>
      <p>
        {say("scans_state")}:{" "}
        {progress.scans.map(({ state, scans }) => `${scans} ${say(`scan_state.${state}` as Word)}`).join(", ")}
      </p>
    </section>
  );
}

function Analyses() {
  const words = useWords();
  const { say } = words;
  const { signInAgain } = useRoom();
  const [analyses, setAnalyses] = useState<AnalysisAnswer[]>([]);
  const [fault, setFault] = useState<ApiError | null>(null);
  const running = analyses.some((one) => one.state === "queued" || one.state === "running");
  const done = analyses.find((one) => one.state === "done");

  const ask = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      setAnalyses((await api.analyses()).analyses);
      setFault(null);
    } catch (error) {
      if (hasEnded(error)) await signInAgain();
      else setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
    }
  };
  useEffect(() => {
    void ask(async () => undefined);
  }, []);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setTimeout(() => void ask(async () => undefined), POLL_MS);
    return () => clearTimeout(timer);
  }, [analyses]);

  return (
    <section aria-labelledby="analyses">
      <h2 id="analyses">{say("analyses")}</h2>
      <button class="main" disabled={running} onClick={() => void ask(api.analyse)}>{say("analyse")}</button>
      {fault && <p class="problem" role="alert">{speakRefusal(words, fault)}</p>}
      {!analyses.length && <p class="quiet">{say("no_analysis")}</p>}
      {done && <Result key={done.id} analysis={done} />}
      <ul class="analyses">
        {analyses.map((one) => (
          <li key={one.id}>
            {say("analysis_of", { time: one.requested_at.slice(0, 16).replace("T", " ") })}:{" "}
            {say(`analysis_state.${one.state}`)} {one.message}
            {one.state === "running" && <progress max={1} value={one.share} aria-label={one.doing} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Result({ analysis }: { analysis: AnalysisAnswer }) {
  const { say } = useWords();
  const [rows, setRows] = useState<ReadonlyMap<string, NumberRow>>(new Map());
  useEffect(() => {
    Promise.all(["flow.", "pattern.patient.", "flag.provisional"].map((name) => api.numbers(analysis.id, name))).then(
      (answers) => setRows(new Map(answers.flatMap((one) => one.rows).map((row) => [row.name, row]))),
      () => undefined,
    );
  }, [analysis.id]);
  const provisional = rows.get("flag.provisional")?.value ?? 0;
  return (
    <div class="result">
      {provisional > 0 && <p class="provisional" role="status">⚠ {say("provisional", { count: provisional })}</p>}
      <Bars title={say("flow")} names={FLOW} rows={rows} />
      <Bars title={say("pattern_title")} names={PATTERNS} rows={rows} />
      <p><a href={`/api/analyses/${encodeURIComponent(analysis.id)}/report`} target="_blank" rel="noreferrer">{say("open_report")}</a></p>
    </div>
  );
}

function Bars({ title, names, rows }: { title: string; names: readonly Word[]; rows: ReadonlyMap<string, NumberRow> }) {
  const { say } = useWords();
  const most = Math.max(1, ...names.map((name) => rows.get(name)?.value ?? 0));
  return (
    <table class="bars">
      <caption>{title}</caption>
      <tbody>
        {names.map((name) => {
          const value = rows.get(name)?.value ?? null;
          return (
            <tr key={name}>
              <th scope="row">{say(name)}</th>
              <td>{value ?? "–"}</td>
              <td class="bar" aria-hidden="true"><meter max={most} value={value ?? 0} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
