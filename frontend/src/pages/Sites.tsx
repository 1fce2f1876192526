/** After scoring, in blinded order: which marks of a patient are the same site over time, patient by patient. */

import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { IdentityAnswer, IdentityPatient } from "../api/answers";
import { useCommands, useKeyNames } from "../keys";
import { REGIONS } from "../parts/codes";
import { Modal } from "../parts/Modal";
import { SitesTable } from "../parts/SitesTable";
import { useRoom } from "../state/room";
import { go } from "../state/route";
import { agree, countLeft, findNextPatient, hasAgreed, makeLinks, openSites, proposeSites, stepSites } from "../state/sites";
import { useWords } from "../words";
import { speakRefusal } from "../words/speaking";

/** Ask the server as long as the session has ended; what it refuses otherwise is a fault. */
function useAsked<T>(ask: () => Promise<T>, of: unknown): { answer: T | null; fault: ApiError | null; load: () => void; change: (answer: T) => void } {
  const { signInAgain } = useRoom();
  const [answer, change] = useState<T | null>(null);
  const [fault, setFault] = useState<ApiError | null>(null);
  const load = (): void => {
    setFault(null);
    ask().then(change, async (error: unknown) => {
      if (hasEnded(error)) {
        await signInAgain();
        load();
      } else setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
    });
  };
  useEffect(load, [of]);
  return { answer, fault, load, change };
}

function Waiting({ fault, onRetry }: { fault: ApiError | null; onRetry: () => void }) {
  const words = useWords();
  const { say } = words;
  if (!fault) return <main class="notice"><p role="status">{say("loading")}</p></main>;
  return (
    <main class="notice">
      <p class="problem" role="alert">{speakRefusal(words, fault)}</p>
      <button onClick={onRetry}>{say("retry")}</button> <a href="#/">{say("worklist")}</a>
    </main>
  );
}

export function Sites({ patient }: { patient: string | null }) {
  const { session } = useRoom();
  const { answer, fault, load, change } = useAsked(api.identities, session.account);
  const [, setAgreed] = useState(false);
  if (!answer) return <Waiting fault={fault} onRetry={load} />;
  const { patients } = answer;
  const hasAlready = hasAgreed(sessionStorage, session.account, patients);
  if (patient === null || !hasAlready) {
    const begin = (): void => {
      agree(sessionStorage, session.account);
      setAgreed(true);
      go({ page: "sites", patient: findNextPatient(patients, null) });
    };
    return <Patients {...{ patients }} isWarned={hasAlready} onBegin={begin} />;
  }
  const saved = (version: number): void => {
    const others = patients.map((one) => (one.patient === patient ? { patient, version } : one));
    change({ patients: others });
    go({ page: "sites", patient: findNextPatient(others, patient) });
  };
  return <Patient key={patient} {...{ patient, patients }} onSaved={saved} />;
}

function Patients({ patients, isWarned, onBegin }: { patients: readonly IdentityPatient[]; isWarned: boolean; onBegin: () => void }) {
  const { say } = useWords();
  const left = countLeft(patients);
  useCommands({ "site.back": () => go({ page: "list" }) });
  return (
    <main class="study-page sites-overview">
      <div>
        <h1>{say("sites_title")}</h1>
        <p>{say("sites_why")}</p>
        {!isWarned && <p class="provisional" role="note">⚠ {say("sites_warning")}</p>}
        <p role="status">{left ? say("sites_left", { left, count: patients.length }) : say("sites_done")}</p>
        <p class="actions">
          {left > 0 && <button class="main" onClick={onBegin}>{say(isWarned ? "sites_next" : "sites_begin")}</button>}{" "}
          <a href="#/">{say("worklist")}</a>
        </p>
      </div>
      <table>
        <thead><tr><th scope="col">{say("patient")}</th><th scope="col">{say("state")}</th></tr></thead>
        <tbody>
          {patients.map(({ patient, version }) => (
            <tr key={patient}>
              <td>{isWarned ? <a href={`#/sites/${encodeURIComponent(patient)}`}>{patient}</a> : patient}</td>
              <td>{version ? `● ${say("sites_named")}` : `○ ${say("sites_waiting")}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}

interface PatientProps {
  patient: string;
  patients: readonly IdentityPatient[];
  onSaved: (version: number) => void;
}

function Patient(props: PatientProps) {
  const { answer, fault, load } = useAsked(() => api.identity(props.patient), props.patient);
  if (fault || !answer) return <Waiting fault={fault} onRetry={load} />;
  return <OpenPatient key={answer.version} {...props} answer={answer} onReload={load} />;
}

function OpenPatient({ patient, patients, answer, onSaved, onReload }: PatientProps & { answer: IdentityAnswer; onReload: () => void }) {
  const { say } = useWords();
  const keyOf = useKeyNames();
  const { signInAgain, beforeLeaving } = useRoom();
  const proposed = useMemo(() => proposeSites(answer.scans, REGIONS), [answer]);
  const [draft, send] = useReducer(stepSites, proposed, openSites);
  const [fault, setFault] = useState<ApiError | null>(null);
  const [leaving, setLeaving] = useState<((goes: boolean) => void) | null>(null);
  const busy = useRef(false);
  const isChanged = draft.past.length > 0;

  const save = async (version: number): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setFault(null);
    try {
      for (;;) {
        try {
          onSaved((await api.saveIdentity(patient, version, makeLinks(draft.content.sites))).version);
          return;
        } catch (error) {
          if (!hasEnded(error)) throw error;
          await signInAgain();
        }
      }
    } catch (error) {
      setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
    } finally {
      busy.current = false;
    }
  };
  const mayLeave = (): Promise<boolean> =>
    isChanged ? new Promise((resolve) => setLeaving(() => resolve)) : Promise.resolve(true);
  const leave = async (): Promise<void> => {
    if (await mayLeave()) go({ page: "sites", patient: null });
  };
  const settle = (goes: boolean): void => {
    setLeaving(null);
    leaving?.(goes);
  };
  useEffect(() => {
    beforeLeaving.current = mayLeave;
    const warn = (event: BeforeUnloadEvent): void => {
      if (isChanged) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      beforeLeaving.current = null;
      window.removeEventListener("beforeunload", warn);
    };
  }, [isChanged]);
  useCommands({
    "site.confirm": () => void save(answer.version),
    "site.next": () => send({ do: "walk", by: 1 }),
    "site.previous": () => send({ do: "walk", by: -1 }),
    "site.down": () => send({ do: "shift", by: 1 }),
    "site.up": () => send({ do: "shift", by: -1 }),
    "site.part": () => send({ do: "part" }),
    "site.whole": () => send({ do: "whole" }),
    "site.back": () => (draft.selected.length ? send({ do: "select", keys: [] }) : void leave()),
    undo: () => send({ do: "undo" }),
    redo: () => send({ do: "redo" }),
    digit: (digit) => digit > 0 && send({ do: "put", site: digit - 1 }),
  });

  const { sites } = draft.content;
  const chosen = draft.selected.length > 0;
  const left = countLeft(patients.filter((one) => one.patient !== patient));
  return (
    <>
      <div class="case-bar">
        <button onClick={() => void leave()}>☰ {say("sites_all")}</button>
        <h1>{say("sites_of", { patient })}</h1>
        <span class="quiet">{say("sites_left", { left: countLeft(patients), count: patients.length })}</span>
        <State {...{ fault, isChanged }} version={answer.version} onTake={onReload} onKeep={(version) => void save(version)} />
        <button class="main" onClick={() => void save(answer.version)}>{say(left ? "sites_confirm" : "sites_confirm_last")} <kbd>{keyOf("site.confirm")}</kbd></button>
      </div>
      <main class="sites">
        {sites.length > 0 && (
          <div class="site-tools">
            <button disabled={!chosen} onClick={() => send({ do: "part" })}>{say("sites_new")} <kbd>{keyOf("site.part")}</kbd></button>
            <button disabled={!chosen} onClick={() => send({ do: "whole" })}>{say("sites_whole")} <kbd>{keyOf("site.whole")}</kbd></button>
            <button disabled={!draft.past.length} onClick={() => send({ do: "undo" })}>{say("undo")} <kbd>{keyOf("undo")}</kbd></button>
            <button disabled={!draft.future.length} onClick={() => send({ do: "redo" })}>{say("redo")}</button>
            <p class="quiet" role="status">{say(chosen ? "sites_chosen" : "sites_how")}</p>
          </div>
        )}
        {!sites.length && <p>{say("sites_none")}</p>}
        <SitesTable scans={answer.scans} {...{ draft, send }} />
      </main>
      {leaving && (
        <Modal title={say("sites_leave")} onClose={() => settle(false)}>
          <p class="actions">
            <button onClick={() => settle(false)}>{say("cancel")}</button>
            <button class="main" onClick={() => settle(true)}>{say("leave")}</button>
          </p>
        </Modal>
      )}
    </>
  );
}

interface StateProps {
  fault: ApiError | null;
  isChanged: boolean;
  version: number;
  onTake: () => void;
  onKeep: (version: number) => void;
}

/** Whether the sites are saved, and what to do where another window was faster. */
function State({ fault, isChanged, version, onTake, onKeep }: StateProps) {
  const words = useWords();
  const { say } = words;
  if (!fault) {
    const word = isChanged ? "sites_changed" : version ? "saved" : "sites_proposed";
    return <span class="saved sites-state quiet" role="status">{say(word)}</span>;
  }
  const stored = (fault.details["stored"] as { version?: unknown } | undefined)?.version;
  if (fault.code !== "conflict" || typeof stored !== "number") {
    return <span class="saved sites-state problem" role="alert">{say("sites_not_saved")} {speakRefusal(words, fault)}</span>;
  }
  return (
    <span class="saved sites-state problem" role="alert">
      {say("sites_conflict")} <button onClick={onTake}>{say("take_stored")}</button>{" "}
      <button onClick={() => onKeep(stored)}>{say("keep_mine")}</button>
    </span>
  );
}
