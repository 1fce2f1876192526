/** Colours of counts over CT, after the palettes of DICOM PS3.6 B.1; no rainbow, whose steps look like findings. */

import { gainOf, greyOf, type Window } from "./window";

export type Colours = "hot_iron" | "hot_metal";
export type Colour = readonly [number, number, number];

/** How a SPECT and its CT are shown. */
export interface Look {
  spect: Window;
  ct: Window;
  /** `grey` shows the SPECT alone, as its window says; the others lay it over the CT. */
  colours: "grey" | Colours;
  /** How much the colours cover the CT: 0 shows the CT alone. */
  mix: number;
  smooth: boolean;
}

interface Values {
  slope: number;
  intercept: number;
}

/** What lies around an image: neither end of the scale of greys. */
export const SURROUND: Colour = [58, 62, 67];

/** Places on a scale of 256 and values there; straight lines between them. */
type Channel = readonly (readonly [number, number])[];

export const TABLE_LENGTH = 256;
/** Faint uptake lets the CT through: colours cover fully from a third of the window upwards. */
export const COVERING = 3;
/** Greys of a table: a square root spreads the lowest shares far. */
const GREYS = 1 << 14;
const BLACK = 0xff000000;

const HOT_IRON: readonly Channel[] = [
  [[0, 0], [127, 254], [128, 255], [255, 255]],
  [[0, 0], [128, 0], [254, 252], [255, 255]],
  [[0, 0], [191, 0], [254, 252], [255, 255]],
];
const HOT_METAL_BLUE: readonly Channel[] = [
  [[0, 0], [85, 0], [104, 55], [120, 93], [153, 190], [170, 255], [255, 255]],
  [[0, 0], [119, 0], [252, 250], [255, 255]],
  [[0, 0], [102, 200], [119, 150], [136, 50], [153, 0], [170, 0], [240, 206], [255, 255]],
];
const PALETTES: Record<Colours, readonly Channel[]> = { hot_iron: HOT_IRON, hot_metal: HOT_METAL_BLUE };

/** Return 256 colours, each as red, green, blue and 255. */
export function makeTable(colours: Colours): Uint8Array {
  const table = new Uint8Array(TABLE_LENGTH * 4).fill(255);
  PALETTES[colours].forEach((channel, place) => {
    for (let index = 0; index < TABLE_LENGTH; index++) table[index * 4 + place] = Math.round(between(channel, index));
  });
  return table;
}

/** Return a colour as it lies in the memory of image data. */
export function pack([red, green, blue]: Colour): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Return the packed greys of shares of a window, to be looked up by `greyIndex`. */
export function makeGreys(window: Pick<Window, "inverse" | "scale">): Uint32Array {
  const greys = new Uint32Array(GREYS + 1);
  for (let place = 0; place <= GREYS; place++) {
    const level = Math.round(greyOf(place / GREYS, window) * 255);
    greys[place] = BLACK | (level << 16) | (level << 8) | level;
  }
  return greys;
}

export function greyIndex(share: number): number {
  return share <= 0 ? 0 : share >= 1 ? GREYS : (share * GREYS + 0.5) | 0;
}

/** Return what packs the colour of two stored values, either of them NaN outside its volume, as the shader does. */
export function makeColourer(spect: Values, ct: Values, look: Look): (counts: number, units: number) => number {
  const nuclear = gainOf(look.spect, spect);
  const around = pack(SURROUND);
  const shares = makeGreys(look.colours === "grey" ? look.spect : { ...look.spect, inverse: false });
  const shareOf = (counts: number): number => shares[greyIndex(nuclear.gain * counts + nuclear.offset)] as number;
  if (look.colours === "grey") return (counts) => (counts === counts ? shareOf(counts) : around);

  const body = gainOf(look.ct, ct);
  const greys = makeGreys({ inverse: false, scale: "linear" });
  const table = makeTable(look.colours);
  return (counts, units) => {
    const onCt = units === units;
    if (counts !== counts && !onCt) return around;
    const under = onCt ? (greys[greyIndex(body.gain * units + body.offset)] as number) : BLACK;
    if (counts !== counts) return under;
    const level = shareOf(counts) & 255;
    return packMixed(under & 255, table, level * 4, look.mix * Math.min(1, (level / 255) * COVERING));
  };
}

function packMixed(under: number, table: Uint8Array, place: number, cover: number): number {
  const red = mixLevels(under, table[place] as number, cover);
  const green = mixLevels(under, table[place + 1] as number, cover);
  const blue = mixLevels(under, table[place + 2] as number, cover);
  return (BLACK | (blue << 16) | (green << 8) | red) >>> 0;
}

function mixLevels(under: number, over: number, cover: number): number {
  return (under + (over - under) * cover + 0.5) | 0;
}

function between(channel: Channel, index: number): number {
  const next = Math.max(channel.findIndex(([at]) => at >= index), 1);
  const [from, low] = channel[next - 1] ?? [0, 0];
  const [to, high] = channel[next] ?? [TABLE_LENGTH - 1, 0];
  return low + ((high - low) * (index - from)) / (to - from);
}
