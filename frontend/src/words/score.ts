/** Words of the score pass. */

import type { Dictionary } from "./languages";

export const score = {
  score_curie_too: { en: "Curie too", fr: "Curie aussi", zh: "同时评 Curie" },
  score_rest: { en: "0 for the rest", fr: "0 pour le reste", zh: "其余记 0" },
  score_refused: { en: "{digit} is no grade here (0 to {most}).", fr: "{digit} n’est pas une cotation ici (0 à {most}).", zh: "此处不能评 {digit}（0 至 {most}）。" },
  score_end: { en: "Every segment was passed; go back to change one.", fr: "Tous les segments sont passés ; revenez en arrière pour en modifier un.", zh: "已到末尾；如需更改请返回。" },
  score_limb: { en: "{side} {limb}", fr: "{limb} {side}", zh: "{side}{limb}" },
  "limb.proximal_upper": { en: "upper arm", fr: "bras", zh: "上臂" },
  "limb.distal_upper": { en: "forearm, hand", fr: "av.-bras, main", zh: "前臂及手" },
  "limb.proximal_lower": { en: "thigh", fr: "cuisse", zh: "大腿" },
  "limb.distal_lower": { en: "leg, foot", fr: "jambe, pied", zh: "小腿及足" },
  score_none: { en: "not graded", fr: "non coté", zh: "未评分" },
} satisfies Dictionary;
