/** Words of the pages on which marks are named the same site over time. */

import type { Dictionary } from "./languages";

export const sites = {
  sites_link: { en: "Name the sites", fr: "Nommer les sites", zh: "对应病灶" },
  sites_left: { en: "{left} of {count} patients left", fr: "{left} patients sur {count} à faire", zh: "共 {count} 名患者，剩 {left} 名" },
  sites_done: { en: "The sites of all patients are named.", fr: "Les sites de tous les patients sont nommés.", zh: "所有患者的病灶均已对应。" },
  sites_title: { en: "Sites over time", fr: "Sites au fil du temps", zh: "病灶随时间的对应" },
  sites_why: {
    en: "Patient by patient: which of your marks are the same skeletal site on several scans? No score changes, and your signatures stay valid.",
    fr: "Patient par patient : lesquelles de vos lésions sont le même site osseux sur plusieurs examens ? Aucune cotation ne change, vos signatures restent valables.",
    zh: "逐例患者：您的哪些标记在多次扫描中是同一骨骼病灶？评分不变，签名仍有效。",
  },
  sites_warning: {
    en: "You will see whose scans you have read. From the first patient that you open, none of your reads can be unlocked any more.",
    fr: "Vous verrez à qui sont les examens que vous avez lus. Dès le premier patient ouvert, aucune de vos lectures ne pourra plus être déverrouillée.",
    zh: "您将看到所阅扫描属于哪位患者。一旦打开第一位患者，您的任何阅片都不能再解锁。",
  },
  sites_begin: { en: "Open the first patient", fr: "Ouvrir le premier patient", zh: "打开第一位患者" },
  sites_next: { en: "Open the next patient", fr: "Ouvrir le patient suivant", zh: "打开下一位患者" },
  sites_named: { en: "named", fr: "nommés", zh: "已对应" },
  sites_waiting: { en: "not named yet", fr: "pas encore nommés", zh: "未对应" },
  sites_of: { en: "Sites of {patient}", fr: "Sites de {patient}", zh: "{patient} 的病灶" },
  sites_all: { en: "Patients", fr: "Patients", zh: "患者列表" },
  sites_confirm: { en: "Save, next patient", fr: "Enregistrer, patient suivant", zh: "保存，下一患者" },
  sites_confirm_last: { en: "Save", fr: "Enregistrer", zh: "保存" },
  sites_proposed: { en: "Proposed, not saved", fr: "Proposé, non enregistré", zh: "建议，未保存" },
  sites_changed: { en: "Changed, not saved", fr: "Modifié, non enregistré", zh: "已修改，未保存" },
  sites_how: {
    en: "Each row is one site. Dashed marks are proposed. Choose a mark (or a row), then the row to which it belongs.",
    fr: "Une ligne, un site. Les lésions en tirets sont proposées. Choisissez une lésion (ou une ligne), puis la ligne qui lui revient.",
    zh: "每行为一个病灶。虚线框为建议。先选标记（或一行），再选其所属的行。",
  },
  sites_chosen: {
    en: "Now choose the row to which it belongs: a click, its digit, or New site.",
    fr: "Choisissez la ligne qui lui revient : un clic, son chiffre, ou Nouveau site.",
    zh: "请选择所属的行：单击、按行号，或选“新病灶”。",
  },
  sites_none: { en: "You marked nothing on these scans.", fr: "Vous n’avez rien marqué sur ces examens.", zh: "您在这些扫描上未作标记。" },
  sites_new: { en: "New site", fr: "Nouveau site", zh: "新病灶" },
  sites_whole: { en: "Whole site", fr: "Site entier", zh: "整个病灶" },
  sites_look: { en: "Case {case}", fr: "Cas {case}", zh: "病例 {case}" },
  sites_look_again: { en: "Case {case}: look at the images in a new tab", fr: "Cas {case} : revoir les images dans un nouvel onglet", zh: "病例 {case}：在新标签页查看图像" },
  sites_unmarked: { en: "not marked", fr: "non marqué", zh: "未标记" },
  sites_leave: { en: "What you changed here is not saved.", fr: "Vos modifications ne sont pas enregistrées.", zh: "您在此处的修改尚未保存。" },
  sites_conflict: {
    en: "The sites of this patient were saved in another window.",
    fr: "Les sites de ce patient ont été enregistrés dans une autre fenêtre.",
    zh: "该患者的病灶对应已在另一窗口中保存。",
  },
  sites_not_saved: { en: "Not saved:", fr: "Non enregistré\u00a0:", zh: "未保存：" },
} satisfies Dictionary;
