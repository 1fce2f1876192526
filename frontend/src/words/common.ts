/** Words of every page. */

import type { Dictionary } from "./languages";

export const common = {
  disclaimer: {
    en: "Research software, not a medical device.",
    fr: "Logiciel de recherche, pas un dispositif médical.",
    zh: "科研软件，不是医疗器械。",
  },
  synthetic: { en: "Simulated data", fr: "Données simulées", zh: "模拟数据" },
  language: { en: "Language", fr: "Langue", zh: "语言" },
  sign_out: { en: "Sign out", fr: "Se déconnecter", zh: "退出" },
  settings: { en: "Keys", fr: "Clavier", zh: "按键" },
  worklist: { en: "Worklist", fr: "Liste de travail", zh: "工作列表" },
  loading: { en: "Loading…", fr: "Chargement…", zh: "加载中…" },
  comma: { en: ", ", fr: ", ", zh: "、" },
  cancel: { en: "Cancel", fr: "Annuler", zh: "取消" },
  close: { en: "Close", fr: "Fermer", zh: "关闭" },
  retry: { en: "Try again", fr: "Réessayer", zh: "重试" },
  name: { en: "Name", fr: "Nom", zh: "用户名" },
  password: { en: "Password", fr: "Mot de passe", zh: "密码" },
  sign_in: { en: "Sign in", fr: "Se connecter", zh: "登录" },
  sign_in_wrong: { en: "Wrong name or password.", fr: "Nom ou mot de passe erroné.", zh: "用户名或密码错误。" },
  sign_in_again: { en: "Sign in again", fr: "Reconnectez-vous", zh: "请重新登录" },
  sign_in_again_why: {
    en: "The session has ended. What you did is still here and is saved once you are signed in.",
    fr: "La session a expiré. Votre travail est toujours là et sera enregistré après la connexion.",
    zh: "会话已结束。您的内容仍在，登录后将自动保存。",
  },
  leave: { en: "Leave without saving", fr: "Quitter sans enregistrer", zh: "不保存并离开" },
  session_ends: {
    en: "The session is about to end.",
    fr: "La session va expirer.",
    zh: "会话即将结束。",
  },
  stay: { en: "Stay signed in", fr: "Rester connecté", zh: "保持登录" },
  wait_seconds: { en: "Wait {seconds} s.", fr: "Attendez {seconds} s.", zh: "请等待 {seconds} 秒。" },
  right_mark: { en: "R", fr: "D", zh: "右" },
  left_mark: { en: "L", fr: "G", zh: "左" },
} satisfies Dictionary;
