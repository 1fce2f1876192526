/** Words of the consensus of two readers. */

import type { Dictionary } from "./languages";

export const consensus = {
  consensus: { en: "Consensus", fr: "Consensus", zh: "共识" },
  differences_count: { en: "{open} of {count} differences open", fr: "{open} différences ouvertes sur {count}", zh: "{count} 处差异，{open} 处待定" },
  differences_none: { en: "The first two reads agree in everything that is scored.", fr: "Les deux premières lectures concordent sur tout ce qui est coté.", zh: "前两份阅片在评分内容上完全一致。" },
  reader_side: { en: "Reader {side}", fr: "Lecteur {side}", zh: "阅片者 {side}" },
  item_open: { en: "open", fr: "ouvert", zh: "待定" },
  item_own: { en: "own: {value}", fr: "propre : {value}", zh: "自行判定：{value}" },
  item_nothing: { en: "No reader: nothing", fr: "Aucun lecteur : rien", zh: "均不采用：无" },
  side_also: { en: "also {regions}", fr: "aussi {regions}", zh: "亦累及{regions}" },
  side_silent: { en: "not evaluable: says nothing here", fr: "non évaluable : rien à dire ici", zh: "判为无法评估：此处无结论" },
  nothing_there: { en: "nothing", fr: "rien", zh: "无" },
  is_evaluable: { en: "evaluable", fr: "évaluable", zh: "可评估" },
  item_evaluable: { en: "Evaluable", fr: "Évaluable", zh: "可评估性" },
  not_assessable: { en: "not assessable", fr: "non évaluable", zh: "无法评估" },
  own_marks: {
    en: "Or say it yourself below; what no reader said needs a reason at the lock.",
    fr: "Ou précisez vous-même ci-dessous ; ce qu’aucun lecteur n’a dit demande un motif au verrouillage.",
    zh: "或在下方自行判定；与各阅片者均不同之处，锁定时需说明理由。",
  },
  not_yet_revealed: {
    en: "The other reads stay hidden until both readers have locked theirs.",
    fr: "Les lectures restent masquées tant que les deux lecteurs n’ont pas verrouillé les leurs.",
    zh: "两位阅片者均锁定之前，其阅片结果保持隐藏。",
  },
} satisfies Dictionary;
