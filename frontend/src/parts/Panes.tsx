/** The images of a case, side by side as a layout says. */

import { useEffect, useMemo } from "preact/hooks";
import { useCommands } from "../keys";
import type { Pane } from "../layouts";
import type { PointedAt } from "../state/places";
import type { ShownMark } from "../state/shown";
import { Stage } from "../state/stage";
import { FusionPane } from "./FusionPane";
import { ProjectionPane } from "./ProjectionPane";

interface Props {
  panes: readonly Pane[];
  shown: readonly ShownMark[];
  selected: string | null;
  canMark: boolean;
  onPoint: (place: PointedAt) => void;
  onPick: (id: string, kind: ShownMark["kind"], image: string) => void;
}

export function Panes({ panes, shown, selected, canMark, onPoint, onPick }: Props) {
  const stage = useMemo(() => new Stage(), []);
  useCommands({
    "image.inverse": () => stage.invert(),
    "image.fit": () => stage.fit(),
    "image.zoom_in": () => stage.zoomBy(1),
    "image.zoom_out": () => stage.zoomBy(-1),
    "image.darker": () => stage.step("darker"),
    "image.lighter": () => stage.step("lighter"),
    "image.scale": () => stage.nextScale(),
    "image.smooth": () => stage.toggleSmooth(),
    "image.mirror": () => stage.toggleMirror(),
  });
  useEffect(() => stage.fit(), [panes]);
  return (
    <div class="panes">
      {panes.map((pane) => {
        const [first] = pane.images;
        if (!first) return null;
        const earlier = pane.source === "earlier";
        const own = shown.filter((one) => one.earlier === earlier);
        const key = `${pane.source} ${first.image}`;
        return pane.show === "fusion" ? (
          <FusionPane key={key} images={pane.images} {...{ selected, canMark, onPoint, onPick }} shown={own} />
        ) : (
          <ProjectionPane
            key={key}
            {...{ stage, earlier, selected, onPoint, onPick }}
            image={first}
            canMark={canMark && !earlier}
            shown={own.filter((one) => one.image === first.image)}
          />
        );
      })}
    </div>
  );
}
