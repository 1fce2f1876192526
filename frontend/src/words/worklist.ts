/** Words of the worklist. */

import type { Dictionary } from "./languages";

export const worklist = {
  case: { en: "Case", fr: "Cas", zh: "病例" },
  state: { en: "State", fr: "État", zh: "状态" },
  images: { en: "Images", fr: "Images", zh: "图像" },
  images_yes: { en: "yes", fr: "oui", zh: "有" },
  images_no: { en: "none", fr: "aucune", zh: "无" },
  patient: { en: "Patient", fr: "Patient", zh: "患者" },
  timepoint: { en: "Time point", fr: "Moment", zh: "时间点" },
  day_column: { en: "Day", fr: "Jour", zh: "天" },
  list_count: { en: "{locked} of {count} locked", fr: "{locked} sur {count} verrouillés", zh: "共 {count} 例，已锁定 {locked} 例" },
  list_open: { en: "Open the case", fr: "Ouvrir le cas", zh: "打开病例" },
  list_empty: {
    en: "There is nothing to read: no cases were handed out to you.",
    fr: "Rien à lire : aucun cas ne vous a été attribué.",
    zh: "暂无待阅病例：尚未向您分配病例。",
  },
  list_empty_adjudicator: {
    en: "There is nothing to read. An adjudicator gets scans once both readers have locked them and differ.",
    fr: "Rien à lire. Un arbitre reçoit les examens une fois les deux lectures verrouillées et discordantes.",
    zh: "暂无待阅内容。两位阅片者锁定且结果不一致后，仲裁者才会收到病例。",
  },
  list_done: { en: "Everything is locked. Thank you.", fr: "Tout est verrouillé. Merci.", zh: "全部已锁定。谢谢。" },
  sign_drafts: { en: "Sign drafts", fr: "Signer les brouillons", zh: "签署草稿" },
  sign_drafts_why: {
    en: "Each one that is ticked is locked with one password.",
    fr: "Chaque brouillon coché est verrouillé avec un seul mot de passe.",
    zh: "勾选的草稿将用一次密码全部锁定。",
  },
  sign_drafts_unsettled: {
    en: "Open it: only there is seen whether every difference is settled.",
    fr: "Ouvrez-le : c’est là que l’on voit si chaque différence est réglée.",
    zh: "请打开该病例：在其中确认各处差异是否均已处理。",
  },
  sign_drafts_open: {
    en: "Open the case first: {count} still to be settled.",
    fr: "Ouvrez d’abord le cas : {count} encore à régler.",
    zh: "请先打开病例：还有 {count} 项待处理。",
  },
  finished: { en: "finished", fr: "terminé", zh: "已完成" },
} satisfies Dictionary;
