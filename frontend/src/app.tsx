/** The room: sign-in, then the page that the address names. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api } from "./api/client";
import type { SessionAnswer, StudyAnswer } from "./api/answers";
import { KeysContext, loadKeys, saveKeys, type KeySettings } from "./keys";
import { forgetBundles } from "./state/bundles";
import { reads, RoomContext, type Room } from "./state/room";
import { useRoute } from "./state/route";
import { chooseLanguage, LANGUAGES, LanguageContext, type Language } from "./words";
import { Header } from "./parts/Header";
import { SignInDialog } from "./parts/SignInDialog";
import { Reading } from "./pages/Reading";
import { SignIn } from "./pages/SignIn";
import { Sites } from "./pages/Sites";
import { StudyPage } from "./pages/StudyPage";
import { Worklist } from "./pages/Worklist";

const STORED = "residuum.language";

function startLanguage(): Language {
  const kept = LANGUAGES.find((one) => one === localStorage.getItem(STORED));
  return kept ?? chooseLanguage(navigator.languages);
}

export function App() {
  const [language, setLanguage] = useState(startLanguage);
  const [keys, setKeys] = useState<KeySettings>(() => loadKeys(localStorage));
  const [entered, setEntered] = useState<{ session: SessionAnswer; study: StudyAnswer } | "unknown" | null>("unknown");
  const [again, setAgain] = useState<(() => void) | null>(null);
  const waiting = useRef<Promise<void> | null>(null);
  const beforeLeaving = useRef<(() => Promise<boolean>) | null>(null);

  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(STORED, language);
  }, [language]);

  const enter = useCallback(async (session: SessionAnswer) => {
    const study = await api.study();
    waiting.current = null; // requests of the sitting before may have asked for the password when nobody was there
    setAgain(null);
    setEntered({ session, study });
  }, []);

  useEffect(() => {
    api.session().then(enter).catch(() => setEntered(null));
  }, [enter]);

  const leave = useCallback(() => {
    void api.signOut().catch(() => undefined);
    forgetBundles();
    location.hash = "";
    setAgain(null);
    setEntered(null);
  }, []);
  const signOut = useCallback(async () => {
    if (!beforeLeaving.current || (await beforeLeaving.current())) leave();
  }, [leave]);

  const signInAgain = useCallback(() => {
    waiting.current ??= new Promise<void>((resolve) => {
      setAgain(() => () => {
        waiting.current = null;
        setAgain(null);
        resolve();
      });
    });
    return waiting.current;
  }, []);

  const changeKeys = (settings: KeySettings): void => {
    saveKeys(localStorage, settings);
    setKeys(settings);
  };

  if (entered === "unknown") return null;
  const room: Room | null = entered && { ...entered, signOut, signInAgain, beforeLeaving };
  return (
    <LanguageContext.Provider value={language}>
      <KeysContext.Provider value={keys}>
        <RoomContext.Provider value={room}>
          {room ? (
            <>
              <Header onLanguage={setLanguage} keys={keys} onKeys={changeKeys} />
              <Page room={room} />
              {again && <SignInDialog account={room.session.account} onDone={again} onLeave={leave} />}
            </>
          ) : (
            <SignIn onLanguage={setLanguage} onEnter={enter} />
          )}
        </RoomContext.Provider>
      </KeysContext.Provider>
    </LanguageContext.Provider>
  );
}

function Page({ room }: { room: Room }) {
  const route = useRoute();
  if (!reads(room.session)) return <StudyPage />;
  if (route.page === "case") return <Reading key={route.number} number={route.number} />;
  if (route.page === "sites") return <Sites patient={route.patient} />;
  return <Worklist />;
}
