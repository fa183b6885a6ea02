import { Search } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { IconButton } from "../../ui/button";
import { areMet, usernameRules } from "../../ui/credential-rules";
import { TextField } from "../../ui/field";
import { useSubmit } from "../../ui/submit";

/** Opens the profile of whoever has this name. */
export function FindUser() {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const wanted = name.trim().replace(/^@/, "");
  const { form, faultOf } = useSubmit({
    check: () =>
      areMet(usernameRules(wanted))
        ? {}
        : { username: "have 3 to 32 characters: letters a–z, digits, _ . or -" },
    action: async () => navigate(`/u/${encodeURIComponent(wanted)}`),
  });
  return (
    <form role="search" {...form}>
      <TextField
        label="Find somebody by name"
        name="username"
        placeholder="mira.stone"
        value={name}
        onChange={({ target }) => setName(target.value)}
        error={faultOf("username", "Names")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="search"
        maxLength={33}
        trailing={
          <IconButton type="submit" label="Open profile">
            <Search aria-hidden />
          </IconButton>
        }
      />
    </form>
  );
}
