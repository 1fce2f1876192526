/** Outlines of the skeletal regions on two little figures, seen from the front and from behind. */

export interface Shape {
  region: string;
  path: string;
  /** Where a number goes. */
  at: [number, number];
}

export const FIGURE_WIDTH = 150;
export const FIGURE_HEIGHT = 336;
const MIDDLE = FIGURE_WIDTH / 2;

type Point = [number, number];

/** One side of the figure; x counts from the middle outwards. */
interface Half {
  region: string;
  draw: (x: (away: number) => number) => string;
  at: Point;
}

const LIMBS: readonly [string, Point, Point, number][] = [
  ["humerus", [39, 88], [47, 130], 5.5],
  ["forearm", [48.5, 143], [54.5, 184], 5],
  ["hand", [56, 197], [57.5, 208], 6],
  ["femur", [17, 198], [15.5, 248], 7],
  ["leg", [15, 264], [13.5, 304], 6],
  ["foot", [14.5, 318], [17.5, 326], 6],
];

const LIMB_HALVES: readonly Half[] = LIMBS.map(([region, from, to, radius]) => ({
  region,
  draw: (x) => tube([x(from[0]), from[1]], [x(to[0]), to[1]], radius),
  at: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2],
}));

const RIBS: Half = {
  region: "ribs",
  draw: (x) => `M${x(7)} 84 Q${x(33)} 86 ${x(33)} 122 Q${x(31)} 136 ${x(9)} 134 L${x(7)} 128 Z`,
  at: [20, 112],
};

const FRONT_HALVES: readonly Half[] = [
  { region: "clavicle", draw: (x) => tube([x(8), 79], [x(33), 75], 3.2), at: [21, 77] },
  RIBS,
  {
    region: "pelvis",
    draw: (x) => `M${x(1.5)} 170 L${x(29)} 162 Q${x(34)} 180 ${x(17)} 190 L${x(1.5)} 186 Z`,
    at: [17, 177],
  },
  ...LIMB_HALVES,
];

const BACK_HALVES: readonly Half[] = [
  { ...RIBS, at: [22, 127] },
  { region: "scapula", draw: (x) => `M${x(12)} 86 L${x(33)} 82 L${x(20)} 116 Z`, at: [22, 94] },
  {
    region: "pelvis",
    draw: (x) => `M${x(10)} 166 L${x(30)} 161 Q${x(34)} 180 ${x(18)} 190 L${x(6)} 188 Z`,
    at: [19, 177],
  },
  ...LIMB_HALVES,
];

const VAULT: Shape = { region: "skull_vault", path: "M55 36 A20 25 0 0 1 95 36 Z", at: [75, 25] };

const FRONT_MIDDLE: readonly Shape[] = [
  VAULT,
  { region: "face_orbit", path: "M57 38 H93 Q92 60 75 65 Q58 60 57 38 Z", at: [75, 50] },
  { region: "sternum", path: "M70.5 83 H79.5 V126 L75 132 L70.5 126 Z", at: [75, 104] },
  { region: "spine_lumbar", path: "M69 138 H81 V165 H69 Z", at: [75, 151] },
];

const BACK_MIDDLE: readonly Shape[] = [
  VAULT,
  { region: "skull_base", path: "M57 38 H93 Q90 54 75 57 Q60 54 57 38 Z", at: [75, 47] },
  { region: "spine_cervical", path: "M70 59 H80 V78 H70 Z", at: [75, 69] },
  { region: "spine_thoracic", path: "M69.5 80 H80.5 V134 H69.5 Z", at: [75, 107] },
  { region: "spine_lumbar", path: "M69 136 H81 V163 H69 Z", at: [75, 150] },
  { region: "sacrum", path: "M67 165 H83 L78 190 H72 Z", at: [75, 175] },
];

/** The patient's left lies at the viewer's right when seen from the front, at the left when seen from behind. */
export const FRONT: readonly Shape[] = [...FRONT_MIDDLE, ...mirror(FRONT_HALVES, 1)];
export const BACK: readonly Shape[] = [...BACK_MIDDLE, ...mirror(BACK_HALVES, -1)];

function mirror(halves: readonly Half[], left: 1 | -1): Shape[] {
  return halves.flatMap((half) =>
    (["left", "right"] as const).map((side) => {
      const sign = side === "left" ? left : -left;
      const x = (away: number): number => MIDDLE + sign * away;
      return { region: `${half.region}_${side}`, path: half.draw(x), at: [x(half.at[0]), half.at[1]] as Point };
    }),
  );
}

function tube([x1, y1]: Point, [x2, y2]: Point, radius: number): string {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = [((x2 - x1) / length) * radius, ((y2 - y1) / length) * radius];
  const arc = `A${radius} ${radius} 0 0 1`;
  return `M${x1 + uy} ${y1 - ux} L${x2 + uy} ${y2 - ux} ${arc} ${x2 - uy} ${y2 + ux} L${x1 - uy} ${y1 + ux} ${arc} ${x1 + uy} ${y1 - ux} Z`;
}
