/** What a read says, in one line, and its comment. */

import type { ScoresAnswer } from "../api/answers";
import type { Content } from "../state/draft";
import { useWords } from "../words";

interface Props {
  content: Pick<Content, "evaluable" | "marks" | "comment">;
  scores: ScoresAnswer;
  entry: "marks" | "grades";
}

export function ReadSummary({ content, scores, entry }: Props) {
  const { say } = useWords();
  const { evaluable, marks, comment } = content;
  return (
    <div class="summary">
      {!evaluable && <p>{say("lock_not_evaluable")}</p>}
      {evaluable && (
        <p>
          {scores.siopen && <span>{say("siopen")} <b>{scores.siopen.total ?? say("total_none")}</b></span>}
          {scores.curie && <span>{say("curie")} <b>{scores.curie.total ?? say("total_none")}</b></span>}
          {entry === "marks" && <span>{marks.length ? say("lock_marks", { count: marks.length }) : say("lock_negative")}</span>}
        </p>
      )}
      {comment !== null && <p class="quiet said">{comment}</p>}
    </div>
  );
}
