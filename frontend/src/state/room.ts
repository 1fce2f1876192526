/** Who is signed in, to which study, and what happens when the session ends. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { SessionAnswer, StudyAnswer } from "../api/answers";

export interface Room {
  session: SessionAnswer;
  study: StudyAnswer;
  /** Save what is not saved yet, then sign out; stay where that fails. */
  signOut: () => Promise<void>;
  /** What is to be done before; false says that it could not be done. */
  beforeLeaving: { current: (() => Promise<boolean>) | null };
  /** Ask for the password above the page that stays, then go on; a draft in the page is kept. */
  signInAgain: () => Promise<void>;
}

export const RoomContext = createContext<Room | null>(null);

export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (!room) throw new Error("nobody is signed in");
  return room;
}

/** Whether the role reads scans; others see the study. */
export function reads(session: SessionAnswer): boolean {
  return session.role === "reader" || session.role === "adjudicator";
}
