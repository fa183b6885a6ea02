import { ApiError } from "../../api/errors";
import { Notice } from "../../ui/surface";
import { ErrorNotice } from "../../ui/trouble";

/** Why no account was made. */
export function SignupTrouble({ error }: { error: unknown }) {
  if (error instanceof ApiError && error.code === "signup_off") {
    return (
      <Notice tone="warning" title="Sign-up is off">
        Here, accounts are made by administrators. Ask one of them for yours.
      </Notice>
    );
  }
  return <ErrorNotice error={error} />;
}
