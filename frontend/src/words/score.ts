/** Words of the score pass. */

import type { Dictionary } from "./languages";

export const score = {
  score_title: { en: "Score", fr: "Cotation", zh: "评分" },
  score_curie_too: { en: "Curie too", fr: "Curie aussi", zh: "同时评 Curie" },
  score_rest: { en: "0 for the rest", fr: "0 pour le reste", zh: "其余记 0" },
  score_refused: { en: "{digit} is no grade here (0 to {most}).", fr: "{digit} n’est pas une cotation ici (0 à {most}).", zh: "此处不能评 {digit}（0 至 {most}）。" },
  score_none: { en: "not graded", fr: "non coté", zh: "未评分" },
} satisfies Dictionary;
