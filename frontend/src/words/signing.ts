/** Words of the lock. */

import type { Dictionary } from "./languages";

export const signing = {
  lock_title: { en: "Lock case {case}", fr: "Verrouiller le cas {case}", zh: "锁定病例 {case}" },
  lock_what: {
    en: "Locking is signing: nothing can be changed afterwards.",
    fr: "Verrouiller, c’est signer : plus rien ne pourra être modifié.",
    zh: "锁定即签名：之后不可更改。",
  },
  lock_negative: { en: "No lesion marked: a negative read.", fr: "Aucune lésion : lecture négative.", zh: "未标记病灶：阴性结果。" },
  lock_marks: { en: "marks: {count}", fr: "lésions : {count}", zh: "病灶：{count} 个" },
  lock_not_evaluable: { en: "The scan is not evaluable.", fr: "L’examen n’est pas évaluable.", zh: "该扫描无法评估。" },
  lock_pending: { en: "{count} still to be settled.", fr: "{count} encore à régler.", zh: "还有 {count} 项待处理。" },
  lock_unknown: {
    en: "What the readers say differently is not known yet.",
    fr: "Les différences entre les lectures ne sont pas encore connues.",
    zh: "尚未取得各阅片之间的差异。",
  },
  lock_missing: { en: "Without a grade: {segments}.", fr: "Sans cotation : {segments}.", zh: "未评分：{segments}。" },
  lock_back: { en: "Back to the case", fr: "Retour au cas", zh: "返回病例" },
  lock_reason: { en: "Reason: {item}", fr: "Motif : {item}", zh: "理由：{item}" },
  lock_reasons: {
    en: "What no reader said needs a reason.",
    fr: "Ce qu’aucun lecteur n’a dit demande un motif.",
    zh: "与各阅片者均不同之处须说明理由。",
  },
  sign: { en: "Sign and lock", fr: "Signer et verrouiller", zh: "签名并锁定" },
  sign_later: { en: "Sign later", fr: "Signer plus tard", zh: "稍后签名" },
  not_saved: { en: "The draft could not be saved.", fr: "Le brouillon n’a pas pu être enregistré.", zh: "草稿未能保存。" },
} satisfies Dictionary;
