/** A dialog above the page; Escape closes it where it may be closed. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  children: ComponentChildren;
  onClose: (() => void) | null;
}

export function Modal({ title, children, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement | null>(null);
  const gone = useRef(false);
  const id = useId();
  useLayoutEffect(() => { // at once: the next key already belongs to the dialog
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      gone.current = true;
      shown?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => !onClose && event.preventDefault()}
      onClose={() => {
        if (gone.current) return;
        if (onClose) onClose();
        else dialog.current?.showModal(); // a second Escape closes a dialog whatever was said to the first
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
