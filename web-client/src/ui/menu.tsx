import { Menu as Base } from "@base-ui/react/menu";
import { clsx } from "clsx";
import { Check, Ellipsis, type LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

import { IconButton } from "./button";
import styles from "./menu.module.css";

export interface MenuAction {
  label: string;
  icon: LucideIcon;
  onSelect: () => void;
  isDangerous?: boolean;
  isDisabled?: boolean;
}

interface MenuProps {
  /** What the menu is about: `Actions for alice`. */
  label: string;
  actions: readonly MenuAction[];
  /** The button that opens it; three dots without one. */
  trigger?: ReactElement;
}

/** A menu of what can be done with something. */
export function Menu({ label, actions, trigger }: MenuProps) {
  const button = trigger ?? (
    <IconButton label={label} small>
      <Ellipsis aria-hidden />
    </IconButton>
  );
  return (
    <Popup label={label} trigger={button}>
      {actions.map(({ label: name, icon: Icon, onSelect, isDangerous = false, isDisabled = false }) => (
        <Base.Item
          key={name}
          disabled={isDisabled}
          className={clsx(styles.item, isDangerous && styles.dangerous)}
          onClick={onSelect}
        >
          <Icon aria-hidden />
          {name}
        </Base.Item>
      ))}
    </Popup>
  );
}

interface ChoiceMenuProps<T extends string> {
  /** What is chosen: `Colour theme`. */
  label: string;
  options: readonly { value: T; label: string; icon: LucideIcon }[];
  value: T;
  onChange: (value: T) => void;
  trigger: ReactElement;
}

/** A menu in which one of a few is chosen; the one that holds is marked. */
export function ChoiceMenu<T extends string>(props: ChoiceMenuProps<T>) {
  const { label, options, value, onChange, trigger } = props;
  return (
    <Popup label={label} trigger={trigger}>
      <Base.RadioGroup value={value} onValueChange={onChange}>
        {options.map(({ value: option, label: name, icon: Icon }) => (
          <Base.RadioItem key={option} value={option} closeOnClick className={styles.item}>
            <Icon aria-hidden />
            {name}
            <Base.RadioItemIndicator className={styles.mark}>
              <Check aria-hidden />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Popup>
  );
}

function Popup({ label, trigger, children }: { label: string; trigger: ReactElement; children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        {/* It opens at the end of the document, outside every landmark, and so is one of its own. */}
        <Base.Positioner
          sideOffset={6}
          align="end"
          className={styles.positioner}
          role="region"
          aria-label={label}
        >
          <Base.Popup className={styles.popup} aria-label={label}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
