/** The keyboard score pass: twelve segments, a digit for each. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { GradeValue, ScoresAnswer, SystemScore } from "../api/answers";
import { useCommands, useKeyNames, type Handlers } from "../keys";
import { gradeOf, type Content, type Step } from "../state/draft";
import { CURIE, fillRest, isOpen, listSegments, MOST, passOn, SIOPEN, START, type Press, type Segment } from "../state/score_pass";
import { useWords, type Speaker } from "../words";

interface Props {
  content: Content;
  scores: ScoresAnswer | null;
  locked: boolean;
  send: (step: Step) => void;
  /** Whether keys work on the whole page, or only with the focus in here because other parts have keys too. */
  keysOnPage?: boolean;
}

const STORED = "residuum.curie";

export function ScorePass({ content, scores, locked, send, keysOnPage = true }: Props) {
  const { say } = useWords();
  const [curie, setCurie] = useState(() => localStorage.getItem(STORED) === "yes");
  const [pass, setPass] = useState(START);
  const part = useRef<HTMLElement | null>(null);
  const keyOf = useKeyNames();
  const segments = listSegments(content, curie);
  const still = locked || !content.evaluable;
  const rest = fillRest(content, segments).length;

  const press = (pressed: Press): void => {
    if (still) return;
    const { pass: next, step } = passOn(pass, content, segments, pressed);
    setPass(next);
    if (step) send(step);
  };
  const handlers: Handlers = {
    digit: (digit) => press({ press: "grade", grade: digit }),
    "score.rest": () => press({ press: "rest" }),
    "score.not_assessable": () => press({ press: "grade", grade: "not_assessable" }),
    "score.next": () => press({ press: "move", by: 1 }),
    "score.previous": () => press({ press: "move", by: -1 }),
    "score.back": () => press({ press: "back" }),
  };
  useCommands(handlers, !still && keysOnPage);
  useCommands(handlers, !still, part);
  const cursor = Math.min(pass.at, segments.length - 1);
  const follows = useRef(false);
  useEffect(() => {
    const row = part.current?.querySelectorAll<HTMLElement>("[role=spinbutton]")[cursor];
    row?.parentElement?.scrollIntoView({ block: "nearest" });
    if (!row || !part.current?.contains(document.activeElement)) return;
    follows.current = true; // the focus goes where the cursor is, not the other way round
    row.focus();
    follows.current = false;
  }, [cursor]);

  const choose = (wanted: boolean): void => {
    setCurie(wanted);
    localStorage.setItem(STORED, wanted ? "yes" : "no");
  };
  const show = (one: Segment, place: number) => (
    <Row
      key={one.segment}
      segment={one}
      value={gradeOf(content, one.system, one.segment)}
      current={place === pass.at && !still}
      isStop={place === cursor}
      still={still}
      onFocus={() => !follows.current && press({ press: "go", at: place })}
      onGrade={(grade) => press({ press: "grade", grade, at: place })}
    />
  );
  const extra = segments.length > SIOPEN.length;
  if (!content.evaluable) return <p role="status">{say("lock_not_evaluable")}</p>;
  const graded = CURIE.some((one) => !isOpen(content, one));
  return (
    <section class="score-pass" ref={part}>
      <Group title={say("siopen")} score={scores?.siopen ?? null}>{SIOPEN.map(show)}</Group>
      {extra && (
        <Group title={say("curie")} score={scores?.curie ?? null}>{CURIE.map((one, place) => show(one, place + SIOPEN.length))}</Group>
      )}
      <p class="problem" role="alert">{pass.refused && (pass.refused === "end" ? say("score_end") : say("score_refused", pass.refused))}</p>
      {!locked && (
        <div class="actions">
          <button disabled={still || !rest} onClick={() => press({ press: "rest" })}>
            {say("score_rest")} <kbd>{keyOf("score.rest")}</kbd>
          </button>
          <label class="check">
            <input type="checkbox" checked={extra} disabled={graded} onChange={(event) => choose(event.currentTarget.checked)} />
            {say("score_curie_too")}
          </label>
        </div>
      )}
    </section>
  );
}

function Group({ title, score, children }: { title: string; score: SystemScore | null; children: ComponentChildren }) {
  const { say } = useWords();
  const id = useId();
  return (
    <>
      <h2 id={id}>
        {title}
        {score && <output> {score.total ?? say("total_none")}</output>}
      </h2>
      <ol aria-labelledby={id}>{children}</ol>
    </>
  );
}

const LIMB = /^(proximal_upper|distal_upper|proximal_lower|distal_lower)_limb_(right|left)$/;

/** Return a limb with its side as one letter; the list has little room. */
function shortName({ segment }: Segment, say: Speaker["say"]): string | null {
  const [, limb, side] = LIMB.exec(segment) ?? [];
  if (!limb) return null;
  return say("score_limb", {
    side: say(side === "right" ? "right_mark" : "left_mark"),
    limb: say(`limb.${limb as "distal_upper"}`),
  });
}

interface RowProps {
  segment: Segment;
  value: GradeValue | null;
  current: boolean;
  /** Whether the tabulator stops here; arrows reach the others. */
  isStop: boolean;
  still: boolean;
  onFocus: () => void;
  onGrade: (value: GradeValue) => void;
}

function Row({ segment, value, current, isStop, still, onFocus, onGrade }: RowProps) {
  const { say, nameOf } = useWords();
  const most = MOST[segment.system];
  const name = nameOf(segment.system, segment.segment);
  const said = value === null ? say("score_none") : value === "not_assessable" ? say("not_assessable") : String(value);
  const choices: GradeValue[] = [...Array.from({ length: most + 1 }, (_, grade) => grade), "not_assessable"];
  return (
    <li class={current ? "current" : ""}>
      <span
        class="segment"
        role="spinbutton"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={typeof value === "number" ? value : undefined}
        aria-valuetext={said}
        aria-disabled={still}
        tabIndex={isStop ? 0 : -1}
        onFocus={onFocus}
      >
        <b aria-hidden="true">{value === "not_assessable" ? "X" : (value ?? "·")}</b> <span>{shortName(segment, say) ?? name}</span>
      </span>
      <span class="choices">
        {choices.map((choice) => (
          <button
            key={choice}
            tabIndex={-1}
            disabled={still}
            aria-pressed={value === choice}
            aria-label={`${name}: ${choice === "not_assessable" ? say("not_assessable") : choice}`}
            onClick={() => onGrade(choice)}
          >
            {choice === "not_assessable" ? "X" : choice}
          </button>
        ))}
      </span>
    </li>
  );
}
