/** The page on which one case is read: its images, and beside them what is said of it. */

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, ApiError, hasEnded } from "../api/client";
import type { LockedRead, PriorMark, ProposalAnswer, ProposalsAnswer, ReadAnswer, ScoresAnswer } from "../api/answers";
import { useCommands } from "../keys";
import { chooseLayout, hang, hasSpect } from "../layouts";
import { CaseBar } from "../parts/CaseBar";
import { AskRegion } from "../parts/AskRegion";
import { ConsensusPanel } from "../parts/ConsensusPanel";
import { LockDialog } from "../parts/LockDialog";
import { MarksPanel, turn } from "../parts/MarksPanel";
import { Panes } from "../parts/Panes";
import { ReadFoot } from "../parts/ReadFoot";
import { ScorePass } from "../parts/ScorePass";
import { awaitPictures, loadBundle, loadRegions, prefetch, type Bundle } from "../state/bundles";
import { listPending, openDraft, stepDraft, type Content, type Draft, type Step } from "../state/draft";
import { listFinished, unfinish } from "../state/finished";
import { makePlace, proposeRegions, seenOn, type Place, type PointedAt } from "../state/places";
import { readRegionMaps, type RegionMap } from "../state/regions";
import { useRoom } from "../state/room";
import { go } from "../state/route";
import { Saver, type SaveState } from "../state/saver";
import { listMissing } from "../state/score_pass";
import { showMarks, showPlaces, showProposals } from "../state/shown";
import { showReaders } from "../state/consensus";
import { keepSettled, loadSettled } from "../state/settled";
import { Stopwatch } from "../state/stopwatch";
import { findNeighbours, type Neighbours } from "../state/worklist";
import { useWords } from "../words";

/** Load a case, then show it. */
export function Reading({ number }: { number: string }) {
  const { say } = useWords();
  const room = useRoom();
  const [bundle, setBundle] = useState<Bundle | null>(null);
  const [fault, setFault] = useState<ApiError | null>(null);
  const loads = useRef(0);
  const load = useCallback(() => {
    setFault(null);
    loadBundle(number).then((loaded) => {
      loads.current += 1;
      setBundle(loaded);
    }, async (error: unknown) => {
      if (hasEnded(error)) {
        await room.signInAgain();
        load();
      } else setFault(error instanceof ApiError ? error : new ApiError(0, "fault", String(error)));
    });
  }, [number]);
  useEffect(load, [load]);
  if (fault) {
    return (
      <main class="notice">
        <p class="problem" role="alert">{fault.message}</p>
        <button onClick={load}>{say("retry")}</button> <a href="#/">{say("worklist")}</a>
      </main>
    );
  }
  if (!bundle) return <main class="notice"><p role="status">{say("loading")}</p></main>;
  return <OpenCase key={`${number}-${loads.current}`} bundle={bundle} onReload={load} />;
}

function contentOf(read: ReadAnswer, settled: readonly string[]): Content {
  const { evaluable, comment, marks, grades, cleared } = read;
  return { evaluable, comment, marks, grades, cleared, settled };
}

/** What the proposals and regions of a case say, as far as it is known yet. */
interface Hints {
  regions: Map<string, RegionMap> | null;
  proposals: readonly ProposalAnswer[];
  /** Why places of prior marks could not be carried over, null where they were. */
  fault: string | null;
  /** How many answers are waited for; null before they are asked for. */
  waits: number | null;
}

function OpenCase({ bundle, onReload }: { bundle: Bundle; onReload: () => void }) {
  const { session, study, signInAgain, beforeLeaving } = useRoom();
  const { say } = useWords();
  const { read } = bundle;
  const number = read.case;
  const locked = read.state === "locked";
  const adjudicates = session.role === "adjudicator" && study.design === "independent";

  const [pictures, setPictures] = useState(bundle.pictures);
  const [draft, setDraft] = useState<Draft>(() => openDraft(contentOf(read, adjudicates ? loadSettled(sessionStorage, session.account, number, read) : [])));
  const [scores, setScores] = useState<ScoresAnswer>(read.scores);
  const [saved, setSaved] = useState<SaveState>({ kind: "saved" });
  const [hints, setHints] = useState<Hints>({ regions: null, proposals: [], fault: null, waits: bundle.pictures.state === "none" ? 0 : null });
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const [locking, setLocking] = useState(false);
  const [spect, setSpect] = useState(false);
  const [marksShown, setMarksShown] = useState(true);
  const [others, setOthers] = useState<LockedRead[]>([]);
  /** Differences that are open; null until they are known. */
  const [openItems, setOpenItems] = useState<readonly string[] | null>(adjudicates ? null : []);
  const [neighbours, setNeighbours] = useState<Neighbours>({ before: null, after: null, unread: null });

  const watch = useMemo(() => new Stopwatch(read.seconds ?? 0), [read]);
  const saver = useMemo(
    () => new Saver(number, read.version, () => watch.seconds(performance.now()), { state: setSaved, scores: setScores }),
    [read],
  );
  const known = useRef(draft.content);
  const send = useCallback((step: Step) => setDraft((before) => (locked && step.do !== "select" ? before : stepDraft(before, step))), [locked]);

  useStopwatch(watch);
  useLayoutEffect(() => { // "Saved" must not stand beside what is not
    if (draft.content === known.current) return;
    known.current = draft.content;
    saver.change(draft.content);
  }, [draft.content]);
  useEffect(() => {
    if (adjudicates && openItems !== null) keepSettled(sessionStorage, session.account, number, draft.content);
  }, [draft.content, openItems]);
  useEffect(() => {
    if (openItems?.length) unfinish(sessionStorage, session.account, [number]);
  }, [openItems]);
  useLeaving(saver);
  useEffect(() => {
    beforeLeaving.current = () => saver.flush();
    return () => {
      beforeLeaving.current = null;
    };
  }, [saver]);
  useEffect(() => {
    if (saved.kind === "signed_out") void signInAgain().then(() => saver.resume());
  }, [saved.kind]);
  useEffect(() => {
    api.worklist().then(({ cases }) => {
      const found = findNeighbours(cases, number, listFinished(sessionStorage, session.account));
      setNeighbours(found);
      if (found.unread) prefetch(found.unread, study.order === "paired");
    }, () => undefined);
  }, []);
  useEffect(() => {
    let wanted = true;
    if (pictures.state === "being_made") awaitPictures(number, () => wanted).then(setPictures, () => undefined);
    if (pictures.state === "ready" && study.entry === "marks") {
      const setRegions = (regions: Map<string, RegionMap>): void => setHints((old) => ({ ...old, regions }));
      loadRegions(number).then((answer) => wanted && setRegions(readRegionMaps(answer)), () => wanted && setRegions(new Map()));
      const hear = ({ fault, proposals }: Pick<ProposalsAnswer, "fault" | "proposals">): void => {
        if (!wanted) return;
        setHints((old) => ({ ...old, fault: old.fault ?? fault, proposals: [...old.proposals, ...proposals], waits: (old.waits ?? 1) - 1 }));
      };
      const asked = [read.prior.length > 0 && "planar", read.prior.some((one) => one.z_mm !== null) && "spect"] as const;
      const kinds = asked.filter((kind) => kind !== false);
      setHints((old) => ({ ...old, waits: kinds.length }));
      for (const kind of kinds) api.proposals(number, kind).then(hear, () => hear({ fault: "unanswered", proposals: [] }));
    }
    return () => {
      wanted = false;
    };
  }, [pictures]);

  const { content } = draft;
  const canMark = !locked && content.evaluable && study.entry === "marks" && openItems !== null;
  const pending = listPending(content, read.prior);
  const { proposals } = hints;
  const confirm = (prior: PriorMark): void =>
    send({ do: "confirm", prior, proposal: proposals.find((one) => one.from_mark === prior.mark) ?? null });
  const point = ({ image, xMm, yMm, zMm }: PointedAt): void => {
    const place = makePlace(image, xMm, yMm, zMm);
    const [region] = proposeRegions(hints.regions, place);
    if (region === undefined) setPlaces((before) => [...before, place]);
    else send({ do: "add", region, place });
  };
  const add = (region: string): void => {
    send({ do: "add", region, place: places[0] });
    setPlaces((before) => before.slice(1));
  };
  const drop = (): void => setPlaces((before) => before.slice(1));
  useEffect(() => {
    const unnamed = places.filter((place) => {
      const [region] = proposeRegions(hints.regions, place);
      if (region !== undefined) send({ do: "add", region, place });
      return region === undefined;
    });
    if (unnamed.length < places.length) setPlaces(unnamed);
  }, [hints.regions]);
  const pick = (id: string, kind: string, image: string): void => {
    const seen = pictures.images.find((one) => one.image === image);
    const mark = content.marks.find((one) => one.mark === id);
    if (kind === "proposal") {
      const prior = read.prior.find((one) => one.mark === id);
      if (prior) confirm(prior);
    } else if (kind === "counterpart" && seen && mark && canMark) {
      send({ do: "change", mark: id, changes: { seen_on: [...new Set([...mark.seen_on, seenOn(seen)])] } });
      send({ do: "select", mark: id });
    } else if (mark) send({ do: "select", mark: id });
  };

  const next = (): void => go(neighbours.unread ? { page: "case", number: neighbours.unread } : { page: "list" });
  const leave = async (where: () => void): Promise<void> => {
    if (!places.length && (await saver.flush())) where();
  };
  const lock = (): void => setLocking(!locked && !places.length);
  useReadingKeys({ draft, pending, canMark, locked, hints, asked: places.length > 0, drop, send, confirm, entry: study.entry, consensus: adjudicates });
  useCommands({
    "read.lock": lock,
    "read.back": () => void leave(() => go({ page: "list" })),
    "read.next": () => void leave(() => neighbours.after && go({ page: "case", number: neighbours.after })),
    "read.previous": () => void leave(() => neighbours.before && go({ page: "case", number: neighbours.before })),
    "image.spect": () => hasSpect(pictures) && setSpect((before) => !before),
    "image.marks": () => setMarksShown((before) => !before),
  });

  const missing = study.entry === "grades" ? listMissing(content).filter((one) => !openItems?.includes(`${one.system} ${one.segment}`)) : [];
  const layout = chooseLayout(pictures, bundle.before, spect);
  const panes = useMemo(() => hang(layout, pictures, bundle.before), [layout, pictures]);
  const shown = !marksShown ? [] : adjudicates && others.length
    ? [...showReaders(others, content, pictures.images), ...showPlaces(places)]
    : [...showMarks(content.evaluable ? content.marks : [], pictures.images), ...showPlaces(places), ...showProposals(content, read.prior, proposals)];

  const asked = places.length > 0 && <AskRegion isKnown={hints.regions !== null} onDrop={drop} />;
  return (
    <>
      <CaseBar {...{ read, scores, saved, saver, content, neighbours, leave, spect, setSpect, send }} withSpect={hasSpect(pictures)} onReload={onReload} />
      <main class="reading">
        {pictures.state === "ready" ? (
          <Panes {...{ panes, shown, canMark }} selected={draft.selected} onPoint={point} onPick={pick} />
        ) : (
          <p class="no-images" role="status">{say(pictures.state === "none" ? "images_none" : "images_made")}</p>
        )}
        <aside class="panel">
          {adjudicates ? (
            <ConsensusPanel {...{ number, draft, locked, send }} version={read.version} entry={study.entry} onReads={setOthers} onOpen={setOpenItems} onRegion={add}>
              {asked}
            </ConsensusPanel>
          ) : study.entry === "grades" ? (
            <ScorePass {...{ content, send, scores, locked }} />
          ) : (
            <MarksPanel {...{ draft, locked, send }} priors={read.prior} proposalFault={hints.fault} proposalsWait={hints.waits !== 0} onConfirm={confirm} onRegion={add}>
              {asked}
            </MarksPanel>
          )}
          <ReadFoot {...{ read, draft, locked, send, onReload }} onLock={lock} />
        </aside>
      </main>
      {locking && (
        <LockDialog
          {...{ number, content, scores }}
          entry={study.entry}
          pending={adjudicates ? (openItems?.length ?? null) : pending.length}
          missing={missing}
          save={async () => {
            if (read.version === 0 && !saver.isBehind && saver.version === 0) saver.change(content);
            return saver.flush();
          }}
          version={() => saver.version}
          onSigned={next}
          onLater={next}
          onClose={() => setLocking(false)}
        />
      )}
    </>
  );
}

interface KeyTargets {
  draft: Draft;
  pending: PriorMark[];
  canMark: boolean;
  locked: boolean;
  hints: Hints;
  /** Whether the region of a place is asked for. */
  asked: boolean;
  drop: () => void;
  send: (step: Step) => void;
  confirm: (prior: PriorMark) => void;
  entry: "marks" | "grades";
  consensus: boolean;
}

/** The keys that change a read of marks. */
function useReadingKeys({ draft, pending, canMark, locked, hints, asked, drop, send, confirm, entry, consensus }: KeyTargets): void {
  const { content, selected } = draft;
  const mark = content.marks.find((one) => one.mark === selected);
  const first = pending[0];
  const move = (by: number): void => {
    const place = content.marks.findIndex((one) => one.mark === selected);
    const target = content.marks[Math.min(Math.max(place + by, 0), content.marks.length - 1)];
    if (target) send({ do: "select", mark: target.mark });
  };
  const change = (changes: Partial<typeof mark & object>): void => {
    if (mark && canMark) send({ do: "change", mark: mark.mark, changes });
  };
  useCommands({
    undo: () => (asked ? drop() : send({ do: "undo" })),
    redo: () => send({ do: "redo" }),
    "read.not_evaluable": () => send({ do: "evaluable", evaluable: !content.evaluable }),
    "read.comment": () => document.querySelector<HTMLTextAreaElement>("textarea[name=comment]")?.focus(),
  }, !locked);
  useCommands({
    "prior.confirm": () => first && confirm(first),
    "prior.clear": () => first && send({ do: "clear", priors: [first] }),
    "prior.clear_rest": () => send({ do: "clear", priors: pending }),
    "mark.diffuse": () => mark && change(turn(mark, mark.pattern === "focal" ? "diffuse" : "focal")),
    "mark.region": () => {
      if (!mark) return;
      const proposed = proposeRegions(hints.regions, mark);
      const following = proposed[(proposed.indexOf(mark.regions[0] ?? "") + 1) % proposed.length];
      if (following) change({ regions: [following] });
    },
    "mark.confidence": () => {
      const kinds = [null, "definite", "probable", "equivocal"] as const;
      if (mark) change({ confidence: kinds[(kinds.indexOf(mark.confidence) + 1) % kinds.length] ?? null });
    },
    "mark.next": () => move(1),
    "mark.previous": () => move(-1),
    digit: (digit) => change({ pattern: "diffuse", extent: digit === 0 ? 1 : digit / 10 }),
  }, entry === "marks" && !consensus);
  useCommands({
    "mark.remove": () => (asked ? drop() : mark && send({ do: "remove", mark: mark.mark })),
  }, canMark);
}

function useStopwatch(watch: Stopwatch): void {
  useEffect(() => {
    const act = (): void => watch.act(performance.now());
    const hide = (): void => (document.hidden ? watch.pause(performance.now()) : act());
    act();
    const kinds = ["pointermove", "pointerdown", "keydown", "wheel"] as const;
    for (const kind of kinds) document.addEventListener(kind, act, { passive: true });
    document.addEventListener("visibilitychange", hide);
    return () => {
      watch.pause(performance.now());
      for (const kind of kinds) document.removeEventListener(kind, act);
      document.removeEventListener("visibilitychange", hide);
    };
  }, [watch]);
}

/** Warn, and send what is not saved yet, when the page is left. */
function useLeaving(saver: Saver): void {
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent): void => {
      if (saver.isBehind) event.preventDefault();
    };
    const gone = (): void => saver.leave();
    window.addEventListener("beforeunload", leaving);
    window.addEventListener("pagehide", gone);
    return () => {
      window.removeEventListener("beforeunload", leaving);
      window.removeEventListener("pagehide", gone);
      void saver.flush(); // another page of the room: it goes on until the server has everything
    };
  }, [saver]);
}
