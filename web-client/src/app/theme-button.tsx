import { Monitor, Moon, Sun } from "lucide-react";

import { IconButton } from "../ui/button";
import { ChoiceMenu } from "../ui/menu";
import { useTheme } from "../ui/theme";

const THEMES = [
  { value: "system", label: "As the system", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

/** Chooses between light, dark, and what the system says. */
export function ThemeButton() {
  const [theme, choose] = useTheme();
  const Icon = { system: Monitor, light: Sun, dark: Moon }[theme];
  return (
    <ChoiceMenu
      label="Colour theme"
      options={THEMES}
      value={theme}
      onChange={choose}
      trigger={
        <IconButton label="Colour theme">
          <Icon aria-hidden size={18} />
        </IconButton>
      }
    />
  );
}
