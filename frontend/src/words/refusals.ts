/** Refusals of the server, by their codes. */

import type { Dictionary } from "./languages";

export const refusals = {
  "refusal.offline": { en: "The server does not answer.", fr: "Le serveur ne répond pas.", zh: "服务器无响应。" },
  "refusal.unauthenticated": { en: "Wrong name or password, or the session has ended.", fr: "Nom ou mot de passe erroné, ou session expirée.", zh: "用户名或密码错误，或会话已结束。" },
  "refusal.csrf": { en: "The session has ended.", fr: "La session a expiré.", zh: "会话已结束。" },
  "refusal.forbidden": { en: "Your role may not do this.", fr: "Votre rôle ne le permet pas.", zh: "您的角色无此权限。" },
  "refusal.foreign_origin": { en: "The page is open under another address; open it again.", fr: "La page est ouverte sous une autre adresse ; rouvrez-la.", zh: "页面地址不符；请重新打开。" },
  "refusal.password": { en: "The password is wrong.", fr: "Mot de passe erroné.", zh: "密码错误。" },
  "refusal.wait": { en: "Too many failed attempts.", fr: "Trop de tentatives échouées.", zh: "失败次数过多。" },
  "refusal.blinded": { en: "This stays hidden while scans are being read.", fr: "Ceci reste masqué pendant la lecture.", zh: "阅片期间此内容保持隐藏。" },
  "refusal.not_found": { en: "There is nothing of this name, or it is not yours.", fr: "Rien de ce nom, ou cela ne vous appartient pas.", zh: "不存在，或不属于您。" },
  "refusal.conflict": { en: "Somebody saved in between; open the case again.", fr: "Une autre version a été enregistrée ; rouvrez le cas.", zh: "期间已有他处保存；请重新打开病例。" },
  "refusal.locked": { en: "The read is locked.", fr: "La lecture est verrouillée.", zh: "该阅片已锁定。" },
  "refusal.not_locked": { en: "The read is not locked.", fr: "La lecture n’est pas verrouillée.", zh: "该阅片未锁定。" },
  "refusal.unread": { en: "Nothing is saved yet.", fr: "Rien n’est encore enregistré.", zh: "尚未保存任何内容。" },
  "refusal.revealed": { en: "You may have seen the other reads, so yours stays locked.", fr: "Vous avez pu voir les autres lectures : la vôtre reste verrouillée.", zh: "您可能已看到其他阅片结果，故保持锁定。" },
  "refusal.consensus_exists": { en: "The scan has a consensus.", fr: "L’examen a un consensus.", zh: "该扫描已有共识。" },
  "refusal.bases_not_locked": { en: "The reads below the consensus are not both locked.", fr: "Les deux lectures ne sont pas verrouillées.", zh: "作为依据的阅片尚未全部锁定。" },
  "refusal.bases_changed": { en: "The reads have changed; open the case again.", fr: "Les lectures ont changé ; rouvrez le cas.", zh: "阅片内容已变更；请重新打开病例。" },
  "refusal.proposals_pending": { en: "Earlier marks still wait for a decision.", fr: "Des lésions antérieures attendent une décision.", zh: "仍有既往病灶待处理。" },
  "refusal.reason_missing": { en: "A reason is missing.", fr: "Un motif manque.", zh: "缺少理由。" },
  "refusal.wrong_entry": { en: "This study is read in another way.", fr: "Cette étude se lit autrement.", zh: "本研究采用另一种录入方式。" },
  "refusal.invalid": { en: "The server does not accept what was sent.", fr: "Le serveur refuse ce qui a été envoyé.", zh: "服务器不接受所发送的内容。" },
  "refusal.too_large": { en: "That is too much at once.", fr: "C’est trop à la fois.", zh: "内容过大。" },
  "refusal.image_unreadable": { en: "An image of this case cannot be read; tell the data manager.", fr: "Une image de ce cas est illisible ; prévenez le gestionnaire de données.", zh: "此病例的图像无法读取；请告知数据管理员。" },
  "refusal.queue_full": { en: "Too many analyses wait already.", fr: "Trop d’analyses en attente.", zh: "等待的分析过多。" },
  "refusal.not_done": { en: "The analysis has no results yet.", fr: "L’analyse n’a pas encore de résultats.", zh: "分析尚无结果。" },
  "refusal.finished": { en: "The analysis has finished.", fr: "L’analyse est terminée.", zh: "分析已结束。" },
  "refusal.unavailable": { en: "The database cannot be used; nothing was written.", fr: "Base de données indisponible ; rien n’a été écrit.", zh: "数据库不可用；未写入任何内容。" },
  "refusal.fault": { en: "Residuum has a fault; the log of the server names it.", fr: "Erreur de Residuum ; le journal du serveur la nomme.", zh: "Residuum 出错；详见服务器日志。" },
} satisfies Dictionary;
