/** The keyboard score pass: twelve segments, a digit for each. */

import { useEffect, useState } from "preact/hooks";
import type { GradeValue, ScoresAnswer } from "../api/answers";
import { useCommands } from "../keys";
import { gradeOf, type Content, type Step } from "../state/draft";
import { CURIE, fillRest, isGrade, isOpen, listSegments, MOST, moveOn, type Segment } from "../state/score_pass";
import { useWords } from "../words";

interface Props {
  content: Content;
  scores: ScoresAnswer | null;
  locked: boolean;
  send: (step: Step) => void;
}

const STORED = "residuum.curie";

export function ScorePass({ content, scores, locked, send }: Props) {
  const { say } = useWords();
  const [curie, setCurie] = useState(() => localStorage.getItem(STORED) === "yes");
  const [at, setAt] = useState(0);
  const [refused, setRefused] = useState<{ digit: number; most: number } | null>(null);
  const segments = listSegments(content, curie);
  const current = segments[at];
  useEffect(() => localStorage.setItem(STORED, curie ? "yes" : "no"), [curie]);

  const grade = (place: number, value: GradeValue): void => {
    const one = segments[place];
    if (!one || locked) return;
    setRefused(null);
    send({ do: "grade", grades: [{ ...one, grade: value }] });
    setAt(moveOn(segments, place));
  };
  useCommands({
    digit: (digit) => {
      if (!current) return;
      if (isGrade(current.system, digit)) grade(at, digit);
      else setRefused({ digit, most: MOST[current.system] });
    },
    "score.rest": () => send({ do: "grade", grades: fillRest(content, segments) }),
    "score.not_assessable": () => grade(at, "not_assessable"),
    "score.next": () => setAt(Math.min(at + 1, segments.length - 1)),
    "score.previous": () => setAt(Math.max(at - 1, 0)),
    "score.back": () => {
      const place = current && !isOpen(content, current) ? at : Math.max(at - 1, 0);
      const one = segments[place];
      if (one) send({ do: "ungrade", ...one });
      setAt(place);
    },
  }, !locked && content.evaluable);

  return (
    <section class="score-pass" aria-labelledby="score">
      <h2 id="score">{say("score_title")}</h2>
      <ol>
        {segments.map((one, place) => (
          <Row
            key={`${one.system} ${one.segment}`}
            segment={one}
            value={gradeOf(content, one.system, one.segment)}
            isFirstCurie={one === CURIE[0]}
            current={place === at && !locked}
            disabled={locked || !content.evaluable}
            onFocus={() => setAt(place)}
            onGrade={(value) => grade(place, value)}
          />
        ))}
      </ol>
      {refused && <p class="problem" role="alert">{say("score_refused", refused)}</p>}
      {!locked && (
        <p class="actions">
          <button disabled={!content.evaluable} onClick={() => send({ do: "grade", grades: fillRest(content, segments) })}>
            {say("score_rest")} <kbd>.</kbd>
          </button>
          <label class="check">
            <input type="checkbox" checked={segments.length > 12} onChange={(event) => setCurie(event.currentTarget.checked)} />
            {say("score_curie_too")}
          </label>
        </p>
      )}
      {scores?.siopen && <p class="unseen" role="status">{say("siopen")} {scores.siopen.total ?? say("total_none")}</p>}
    </section>
  );
}

interface RowProps {
  segment: Segment;
  value: GradeValue | null;
  isFirstCurie: boolean;
  current: boolean;
  disabled: boolean;
  onFocus: () => void;
  onGrade: (value: GradeValue) => void;
}

function Row({ segment, value, isFirstCurie, current, disabled, onFocus, onGrade }: RowProps) {
  const { say, nameOf } = useWords();
  const most = MOST[segment.system];
  const name = nameOf(segment.system, segment.segment);
  const said = value === null ? say("score_none") : value === "not_assessable" ? say("not_assessable") : String(value);
  const choices: GradeValue[] = [...Array.from({ length: most + 1 }, (_, grade) => grade), "not_assessable"];
  return (
    <li class={`${current ? "current" : ""}${isFirstCurie ? " apart" : ""}`}>
      <span
        class="segment"
        role="spinbutton"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={typeof value === "number" ? value : undefined}
        aria-valuetext={said}
        aria-disabled={disabled}
        tabIndex={current ? 0 : -1}
        onFocus={onFocus}
      >
        <span>{name}</span> <b aria-hidden="true">{value === "not_assessable" ? "X" : (value ?? "·")}</b>
      </span>
      <span class="choices">
        {choices.map((choice) => (
          <button
            key={choice}
            tabIndex={-1}
            disabled={disabled}
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
