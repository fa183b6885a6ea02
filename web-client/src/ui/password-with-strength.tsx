import { type ComponentProps, useId } from "react";

import { passwordRules } from "./credential-rules";
import { PasswordField } from "./field";
import { StrengthMeter, usePasswordStrength } from "./password-strength";
import { Rules } from "./rules";

type Props = Omit<ComponentProps<typeof PasswordField>, "autoComplete" | "value" | "onChange"> & {
  value: string;
  onChange: (password: string) => void;
  /** What others know of the user, and would try first: name and address. */
  aboutTheUser: readonly string[];
};

/** A password that is chosen: what is asked of it, and how hard it is to guess. */
export function PasswordWithStrength({ value, onChange, aboutTheUser, ...props }: Props) {
  const id = useId();
  const strength = usePasswordStrength(value, aboutTheUser);
  const rules = [...passwordRules(value), { text: "Hard to guess", isMet: (strength?.score ?? 0) >= 2 }];
  return (
    <div>
      <PasswordField
        {...props}
        autoComplete="new-password"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={id}
      />
      <Rules id={id} rules={rules} />
      <StrengthMeter strength={strength} />
    </div>
  );
}
