/** The session has ended in the middle of something: the password again, and on with it. */

import { useWords } from "../words";
import { Modal } from "./Modal";
import { SignInForm } from "./SignInForm";

interface Props {
  account: string;
  onDone: () => void;
  onLeave: () => void;
}

export function SignInDialog({ account, onDone, onLeave }: Props) {
  const { say } = useWords();
  return (
    <Modal title={say("sign_in_again")} onClose={null}>
      <p>{say("sign_in_again_why")}</p>
      <p><b>{account}</b></p>
      <SignInForm account={account} onEnter={onDone} />
      <p><button onClick={onLeave}>{say("leave")}</button></p>
    </Modal>
  );
}
