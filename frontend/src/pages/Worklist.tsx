/** The cases of a reader in their own order. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { CaseAnswer, IdentityPatient } from "../api/answers";
import { useCommands, useKeyNames } from "../keys";
import { SignDrafts } from "../parts/SignDrafts";
import { prefetch } from "../state/bundles";
import { listFinished } from "../state/finished";
import { useRoom } from "../state/room";
import { go } from "../state/route";
import { countLeft } from "../state/sites";
import { findNext } from "../state/worklist";
import { useWords } from "../words";
import { speakRefusal } from "../words/speaking";

const SIGNS: Record<CaseAnswer["state"], string> = { unread: "○", draft: "◐", locked: "●" };

export function Worklist() {
  const words = useWords();
  const { say } = words;
  const { session, study, signInAgain } = useRoom();
  const keyOf = useKeyNames();
  const [cases, setCases] = useState<CaseAnswer[] | null>(null);
  const [fault, setFault] = useState<ApiError | null>(null);
  const [at, setAt] = useState(0);
  const [signing, setSigning] = useState(false);
  const [patients, setPatients] = useState<IdentityPatient[]>([]);
  const rows = useRef<HTMLTableSectionElement | null>(null);

  const load = (): void => {
    api.worklist().then(
      (answer) => {
        setCases(answer.cases);
        setFault(null);
        const next = findNext(answer.cases, listFinished(sessionStorage, session.account));
        setAt(next);
        const number = answer.cases[next]?.case;
        if (number !== undefined) prefetch(number, study.order === "paired");
        const done = answer.cases.length > 0 && answer.cases.every((one) => one.state === "locked");
        if (done && study.order === "blinded" && study.entry === "marks") {
          api.identities().then((known) => setPatients(known.patients), () => undefined);
        }
      },
      async (error: unknown) => {
        if (hasEnded(error)) {
          await signInAgain();
          load();
        } else setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
      },
    );
  };
  useEffect(load, []);
  useEffect(() => {
    rows.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at, cases]);

  const open = (one: CaseAnswer | undefined): void => {
    if (one) go({ page: "case", number: one.case });
  };
  useCommands({
    "list.next": () => setAt((before) => Math.min(before + 1, (cases?.length ?? 1) - 1)),
    "list.previous": () => setAt((before) => Math.max(before - 1, 0)),
    "list.open": () => open(cases?.[at]),
  });

  if (fault) {
    return (
      <main class="notice">
        <p class="problem" role="alert">{speakRefusal(words, fault)}</p>
        <button onClick={load}>{say("retry")}</button>
      </main>
    );
  }
  if (!cases) return <main class="notice"><p role="status">{say("loading")}</p></main>;
  const locked = cases.filter((one) => one.state === "locked").length;
  const drafts = cases.filter((one) => one.state === "draft");
  return (
    <main class="worklist">
      <div class="list-head">
        <h1>{say("worklist")}</h1>
        <p class="quiet" role="status">{cases.length > 0 && say("list_count", { locked, count: cases.length })}</p>
        {locked < cases.length && <button class="main" onClick={() => open(cases[at])}>{say("list_open")} <kbd>{keyOf("list.open")}</kbd></button>}
        {drafts.length > 0 && <button onClick={() => setSigning(true)}>{say("sign_drafts")} ({drafts.length})</button>}
      </div>
      {!cases.length && <p>{say(session.role === "adjudicator" && study.design !== "consensus" ? "list_empty_adjudicator" : "list_empty")}</p>}
      {cases.length > 0 && locked === cases.length && <p>{say("list_done")}</p>}
      {patients.length > 0 && (
        <p>
          <a href="#/sites">{say("sites_link")}</a>{" "}
          <span class="quiet">{countLeft(patients) ? say("sites_left", { left: countLeft(patients), count: patients.length }) : say("sites_done")}</span>
        </p>
      )}
      {cases.length > 0 && <Table {...{ cases, at, rows }} finished={listFinished(sessionStorage, session.account)} onOpen={open} />}
      {signing && (
        <SignDrafts
          drafts={drafts}
          onClose={() => setSigning(false)}
          onSigned={() => {
            setSigning(false);
            load();
          }}
        />
      )}
    </main>
  );
}

interface TableProps {
  cases: readonly CaseAnswer[];
  at: number;
  finished: readonly string[];
  onOpen: (one: CaseAnswer) => void;
  rows: { current: HTMLTableSectionElement | null };
}

function Table({ cases, at, finished, onOpen, rows }: TableProps) {
  const { say } = useWords();
  const named = cases.some((one) => one.patient !== null);
  return (
    <div class="list-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{say("case")}</th>
            <th scope="col">{say("state")}</th>
            {named && <><th scope="col">{say("patient")}</th><th scope="col">{say("timepoint")}</th><th scope="col">{say("day_column")}</th></>}
            <th scope="col">{say("images")}</th>
          </tr>
        </thead>
        <tbody ref={rows}>
          {cases.map((one, place) => (
            <tr key={one.case} class={place === at ? "current" : ""} aria-current={place === at ? "true" : undefined} onClick={() => onOpen(one)}>
              <Cells case={one} named={named} isFinished={finished.includes(one.case)} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The cells of a row; kept as they are while the cursor moves, so that a long list stays quick. */
function Cells({ case: one, named, isFinished }: { case: CaseAnswer; named: boolean; isFinished: boolean }) {
  const { say, nameOf, language } = useWords();
  return useMemo(() => (
    <>
      <td><a href={`#/case/${one.case}`}>{one.case}</a></td>
      <td class={`state-${one.state}`}>
        <span aria-hidden="true">{SIGNS[one.state]}</span> {nameOf("state", one.state)}
        {one.state === "draft" && isFinished && <> · {say("finished")}</>}
        {one.training && <span class="badge">{say("training")}</span>}
      </td>
      {named && <><td>{one.patient}</td><td>{one.timepoint && nameOf("timepoint", one.timepoint)}</td><td class="number">{one.day}</td></>}
      <td>{say(one.images ? "images_yes" : "images_no")}</td>
    </>
  ), [one, named, isFinished, language]);
}
