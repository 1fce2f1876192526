/** The skeleton from the front and from behind: a click names a region, numbers say how many marks each one has. */

import { useWords } from "../words";
import { BACK, FIGURE_HEIGHT, FIGURE_WIDTH, FRONT, type Shape } from "./skeleton";

interface Props {
  /** Marks that touch each region. */
  counts: ReadonlyMap<string, number>;
  /** Regions of the mark that is selected. */
  selected: readonly string[];
  disabled: boolean;
  onRegion: (region: string) => void;
}

/** Whoever works without a mouse uses the list of regions beside it, so the map is hidden from screen readers. */
export function SkeletonMap(props: Props) {
  const { say } = useWords();
  return (
    <svg
      class={props.disabled ? "skeleton still" : "skeleton"}
      viewBox={`0 0 ${2 * FIGURE_WIDTH} ${FIGURE_HEIGHT + 6}`}
      aria-hidden="true"
    >
      <Figure {...props} shapes={FRONT} from={0} title={say("front")} right={say("right_mark")} left={say("left_mark")} />
      <Figure {...props} shapes={BACK} from={FIGURE_WIDTH} title={say("back")} right={say("left_mark")} left={say("right_mark")} />
    </svg>
  );
}

interface FigureProps extends Props {
  shapes: readonly Shape[];
  from: number;
  title: string;
  /** What stands at the viewer's left and right. */
  right: string;
  left: string;
}

function Figure({ shapes, from, title, right, left, counts, selected, disabled, onRegion }: FigureProps) {
  const { nameOf } = useWords();
  return (
    <g transform={`translate(${from} 4)`}>
      <text class="side" x="18" y="14">{right}</text>
      <text class="side" x={FIGURE_WIDTH - 18} y="14">{left}</text>
      <text class="title" x={FIGURE_WIDTH / 2} y={FIGURE_HEIGHT - 4}>{title}</text>
      {shapes.map(({ region, path, at }) => {
        const count = counts.get(region) ?? 0;
        const kind = `bone${count ? " marked" : ""}${selected.includes(region) ? " selected" : ""}`;
        return (
          <g key={region} class={kind} data-region={region} onClick={() => !disabled && onRegion(region)}>
            <title>{nameOf("region", region)}</title>
            <path d={path} />
            {count > 0 && <text x={at[0]} y={at[1] + 4}>{count}</text>}
          </g>
        );
      })}
    </g>
  );
}
