import { type KeyboardEvent, useId, useRef, useState } from "react";

import { ApiError } from "../../api/errors";
import { MOST_CHARACTERS, countCharacters, isBlank } from "../../posts/content";
import { useUser } from "../../session/react";
import { Button } from "../../ui/button";
import { Avatar, Card, Notice } from "../../ui/surface";
import { TextArea } from "../../ui/text-area";
import { useToast } from "../../ui/toast";
import { ErrorNotice } from "../../ui/trouble";
import { CharacterCount } from "./character-count";
import styles from "./timeline.module.css";
import { mayBePublished, useCreatePost, useWaitingPosts } from "./use-create-post";

/** Where one writes a post. What was written stays until resource-api has it. */
export function Composer() {
  const { username } = useUser();
  const say = useToast();
  const create = useCreatePost();
  const waiting = useWaitingPosts();
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const countId = useId();
  const [text, setText] = useState("");

  const length = countCharacters(text);
  const canSend = !isBlank(text) && length <= MOST_CHARACTERS && !create.isPending;
  const send = () => {
    if (!canSend) {
      field.current?.focus();
      return;
    }
    create.mutate(text, {
      onSuccess: () => {
        setText("");
        say("Your post is published.");
        // Who has gone on to something else meanwhile is left there.
        if (form.current?.contains(document.activeElement) === true) field.current?.focus();
      },
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  const fault = create.error instanceof ApiError ? create.error.details.fields?.["content"] : undefined;
  return (
    <Card>
      <form
        ref={form}
        className={styles.composer}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Avatar name={username} />
        <div className={styles.writing}>
          <TextArea
            ref={field}
            label="New post"
            hidesLabel
            placeholder="What is on your mind?"
            value={text}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={onKeyDown}
            readOnly={create.isPending}
            error={fault === undefined ? undefined : `The text ${fault}.`}
            aria-describedby={countId}
          />
          {waiting > 0 && <WaitsForConnection />}
          {create.error !== null && fault === undefined && <Failure error={create.error} onRetry={send} />}
          <div className={styles.sending}>
            <CharacterCount id={countId} count={length} />
            <Button type="submit" variant="primary" busy={create.isPending} disabled={!canSend}>
              {create.isPaused ? "Waiting…" : "Post"}
            </Button>
          </div>
        </div>
      </form>
    </Card>
  );
}

function WaitsForConnection() {
  return (
    <Notice tone="warning" title="Your post waits for the connection">
      <p>It is published by itself as soon as you are back online. Keep this tab open until then.</p>
    </Notice>
  );
}

function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!mayBePublished(error)) return <ErrorNotice error={error} onRetry={onRetry} />;
  return (
    <Notice tone="danger" title="No answer came">
      <p>It may have been published: look at your timeline before you send it again.</p>
    </Notice>
  );
}
